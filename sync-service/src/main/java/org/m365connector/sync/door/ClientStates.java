package org.m365connector.sync.door;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The {@code clientState} of a subscription: {@code <watch id>.<base64url HMAC-SHA256 of the watch id>}, where content is wanted
 * {@code <watch id>+content.<HMAC of that>}. The door can check it without looking anything up.
 */
@ApplicationScoped
public class ClientStates {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int SHORTEST_KEY = 16;
    /** No watch's id has a plus. */
    private static final String WITH_CONTENT = "+content";

    /** Graph keeps no more. */
    private static final int LONGEST_STATE = 128;

    private final List<SecretKeySpec> keys;

    ClientStates(ClientStateConfig config) {
        if (config.clientStateKey().isEmpty()
                || config.clientStateKey().stream().anyMatch(key -> key.length() < SHORTEST_KEY)) {
            throw new IllegalArgumentException(
                    "m365.client-state-key is empty or has a key shorter than " + SHORTEST_KEY + " characters");
        }
        keys = config.clientStateKey().stream()
                .map(key -> new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM))
                .toList();
    }

    /** Of a subscription whose notifications carry content. */
    public String withContent(String watch) {
        return of(watch + WITH_CONTENT);
    }

    /** Whether content may come with this mark, which {@link #watchOf} has found to be ours. */
    static boolean allowsContent(String clientState) {
        return clientState.substring(0, clientState.lastIndexOf('.')).endsWith(WITH_CONTENT);
    }

    public String of(String watch) {
        return watch + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(mac(keys.get(0), watch));
    }

    /** The watch, where the mark is ours. Takes the same time whatever is wrong with the mark. */
    Optional<String> watchOf(String clientState) {
        if (clientState == null || clientState.length() > LONGEST_STATE) {
            return Optional.empty();
        }
        int dot = clientState.lastIndexOf('.');
        if (dot <= 0) {
            return Optional.empty();
        }
        String watch = clientState.substring(0, dot);
        byte[] mark;
        try {
            mark = Base64.getUrlDecoder().decode(clientState.substring(dot + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        boolean ours = false;
        for (SecretKeySpec key : keys) {
            ours |= MessageDigest.isEqual(mac(key, watch), mark);
        }
        String suffix = watch.endsWith(WITH_CONTENT) ? WITH_CONTENT : "";
        return ours ? Optional.of(watch.substring(0, watch.length() - suffix.length())) : Optional.empty();
    }

    /**
     * Keys of 32 bytes for another purpose, in the order of the configured ones: so that sync needs one secret only. Who knows one
     * of them cannot make marks with it.
     */
    public List<byte[]> keysFor(String purpose) {
        // With a line break, which no watch's id has, no mark is ever such a key.
        return keys.stream().map(key -> mac(key, "key\n" + purpose)).toList();
    }

    private static byte[] mac(SecretKeySpec key, String watch) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(watch.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
