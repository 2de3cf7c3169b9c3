package org.m365connector.sync.delivery;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.m365connector.events.PortalId;
import org.m365connector.sync.door.ClientStates;
import org.m365connector.sync.secret.Seal;

/** The keys of portals' endpoints, encrypted with keys derived from {@code m365.client-state-key}; bound to portal and URL. */
@ApplicationScoped
class ApiKeys {
    private final Seal seal;

    ApiKeys(ClientStates secrets) {
        seal = new Seal(secrets.keysFor("api keys of deliveries"));
    }

    byte[] seal(PortalId portal, String url, String apiKey) {
        return seal.seal(apiKey.getBytes(StandardCharsets.UTF_8), place(portal, url));
    }

    /** Empty where the secret that it was sealed by is no longer configured. */
    Optional<String> open(PortalId portal, String url, byte[] sealed) {
        return seal.open(sealed, place(portal, url)).map(key -> new String(key, StandardCharsets.UTF_8));
    }

    private static String place(PortalId portal, String url) {
        return portal + "\n" + url;
    }
}
