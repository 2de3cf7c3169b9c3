package org.m365connector.events;

import java.util.List;
import java.util.Optional;

/**
 * State of a portal on {@code m365.portals}, key {@code portalId}.
 *
 * @param version rises with every change of this portal
 * @param language BCP 47 tag of the portal's pages and mails, {@code de} or {@code en}
 * @param origins the portal's web origins, {@code https://portal.example}
 * @param keyHashes SHA-256 of each valid portal key, lower-case hex; never a key
 * @param entitlement missing, as in records from before there were any: unlimited
 */
public record PortalRecord(
        PortalId portalId,
        long version,
        String name,
        String language,
        List<String> origins,
        List<String> keyHashes,
        PortalState state,
        Optional<Entitlement> entitlement) {

    /** Type of the event that carries this record. */
    public static final String TYPE = "portal-changed.v1";

    /** Type of the event that carries this record when the portal begins to end: whoever keeps something at Graph deletes it now. */
    public static final String ENDING = "portal-ending.v1";

    public PortalRecord {
        origins = origins == null ? List.of() : List.copyOf(origins);
        keyHashes = keyHashes == null ? List.of() : List.copyOf(keyHashes);
        entitlement = entitlement == null ? Optional.empty() : entitlement;
    }

    /** A portal that may use everything for ever. */
    public PortalRecord(
            PortalId portalId,
            long version,
            String name,
            String language,
            List<String> origins,
            List<String> keyHashes,
            PortalState state) {
        this(portalId, version, name, language, origins, keyHashes, state, Optional.empty());
    }

    /** What the portal may use; {@link Entitlement#UNLIMITED} where nobody has said. */
    public Entitlement entitled() {
        return entitlement.orElse(Entitlement.UNLIMITED);
    }

    /** Key on the topic. */
    public String key() {
        return portalId.value();
    }
}
