package org.m365connector.access;

import java.util.Optional;
import org.m365connector.events.PortalId;

/** Knows the keys of the portals by their hashes. */
public interface PortalKeys {

    /**
     * The portal that a key opens.
     *
     * @param keyHash as {@link KeyHash#of} makes it
     */
    Optional<PortalId> portalOf(String keyHash);
}
