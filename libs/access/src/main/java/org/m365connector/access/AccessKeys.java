package org.m365connector.access;

import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.util.List;

/** Finds out whom the key of a request belongs to. */
@ApplicationScoped
public class AccessKeys {

    private static final int SHORTEST_KEY = 16;
    private static final String BEARER = "bearer ";

    private final byte[] adminKey;
    private final List<byte[]> serviceKeys;
    private final String sentServiceKey;
    private final PortalKeys portals;

    /** @throws IllegalArgumentException where a configured key is too short to be one */
    public AccessKeys(AccessConfig config, PortalKeys portals) {
        if (config.adminKey().length() < SHORTEST_KEY) {
            throw new IllegalArgumentException("m365.admin-key is shorter than " + SHORTEST_KEY + " characters");
        }
        if (config.serviceKeys().isEmpty()
                || config.serviceKeys().stream().anyMatch(key -> key.length() < SHORTEST_KEY)) {
            throw new IllegalArgumentException(
                    "m365.service-keys is empty or has a key shorter than " + SHORTEST_KEY + " characters");
        }
        this.adminKey = KeyHash.digest(config.adminKey());
        this.serviceKeys = config.serviceKeys().stream().map(KeyHash::digest).toList();
        this.sentServiceKey = config.serviceKeys().get(0);
        this.portals = portals;
    }

    /**
     * Whose key it is. Safe to call on an event loop where {@link PortalKeys} is.
     *
     * @param authorization the header {@code Authorization}, or null
     * @param apiKey the header {@code X-API-Key}, or null; it counts only where there is no bearer key
     */
    public Caller caller(String authorization, String apiKey) {
        String key = key(authorization, apiKey);
        if (key == null || key.isEmpty()) {
            return new Caller.Nobody();
        }
        byte[] digest = KeyHash.digest(key);
        if (MessageDigest.isEqual(digest, adminKey)) {
            return new Caller.Admin();
        }
        boolean service = false;
        for (byte[] serviceKey : serviceKeys) {
            service |= MessageDigest.isEqual(digest, serviceKey);
        }
        if (service) {
            return new Caller.Service();
        }
        return portals.portalOf(KeyHash.hex(digest))
                .<Caller>map(Caller.Portal::new)
                .orElseGet(Caller.Nobody::new);
    }

    /** The header {@code Authorization} for calls to another service of the suite. */
    public String serviceAuthorization() {
        return "Bearer " + sentServiceKey;
    }

    private static String key(String authorization, String apiKey) {
        if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return authorization.substring(BEARER.length()).trim();
        }
        return apiKey;
    }
}
