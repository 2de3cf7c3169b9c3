package org.m365connector.graphproxy.throttle;

import java.util.List;
import org.m365connector.access.Caller;

/** Who goes first where not everybody can. */
public enum Lane {
    /** Somebody is waiting for it. */
    INTERACTIVE,
    /** Work in the background. */
    SYNC;

    static final List<Lane> ALL = List.of(values());

    /** The header in which a caller says it himself. */
    public static final String HEADER = "X-M365-Lane";

    /** @param said the header {@value #HEADER}, or null: then services work in the background, and portals for somebody */
    public static Lane of(Caller caller, String said) {
        if (said != null && said.equalsIgnoreCase("sync")) {
            return SYNC;
        }
        if (said != null && said.equalsIgnoreCase("interactive")) {
            return INTERACTIVE;
        }
        return caller instanceof Caller.Service ? SYNC : INTERACTIVE;
    }
}
