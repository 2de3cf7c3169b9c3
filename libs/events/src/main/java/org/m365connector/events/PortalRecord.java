package org.m365connector.events;

import java.util.List;

/**
 * State of a portal on {@code m365.portals}, key {@code portalId}.
 *
 * @param version rises with every change of this portal
 * @param language BCP 47 tag of the portal's pages and mails, {@code de} or {@code en}
 * @param origins the portal's web origins, {@code https://portal.example}
 * @param keyHashes SHA-256 of each valid portal key, lower-case hex; never a key
 */
public record PortalRecord(
        PortalId portalId,
        long version,
        String name,
        String language,
        List<String> origins,
        List<String> keyHashes,
        PortalState state) {

    /** Type of the event that carries this record. */
    public static final String TYPE = "portal-changed.v1";

    public PortalRecord {
        origins = origins == null ? List.of() : List.copyOf(origins);
        keyHashes = keyHashes == null ? List.of() : List.copyOf(keyHashes);
    }

    /** Key on the topic. */
    public String key() {
        return portalId.value();
    }
}
