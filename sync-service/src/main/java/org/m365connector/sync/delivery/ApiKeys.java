package org.m365connector.sync.delivery;

import com.google.crypto.tink.subtle.AesGcmJce;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.PortalId;
import org.m365connector.sync.door.ClientStates;

/**
 * The keys of portals' endpoints, encrypted: Tink's AES-256-GCM, keys derived from {@code m365.client-state-key}. The first seals,
 * all open. The portal and the URL are associated data, so a key that was moved elsewhere does not open.
 */
@ApplicationScoped
class ApiKeys {
    private final List<AesGcmJce> ciphers = new ArrayList<>();

    ApiKeys(ClientStates secrets) {
        try {
            for (byte[] key : secrets.keysFor("api keys of deliveries")) {
                ciphers.add(new AesGcmJce(key));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-GCM", e);
        }
    }

    byte[] seal(PortalId portal, String url, String apiKey) {
        try {
            return ciphers.get(0).encrypt(apiKey.getBytes(StandardCharsets.UTF_8), place(portal, url));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encrypt a portal's key", e);
        }
    }

    /** Empty where the secret that it was sealed by is no longer configured. */
    Optional<String> open(PortalId portal, String url, byte[] sealed) {
        for (AesGcmJce cipher : ciphers) {
            try {
                return Optional.of(new String(cipher.decrypt(sealed, place(portal, url)), StandardCharsets.UTF_8));
            } catch (GeneralSecurityException e) {
                // Perhaps another one opens it.
            }
        }
        return Optional.empty();
    }

    private static byte[] place(PortalId portal, String url) {
        return (portal + "\n" + url).getBytes(StandardCharsets.UTF_8);
    }
}
