package org.m365connector.auth.portal;

import org.m365connector.events.PortalId;

/** Fired inside the transaction that removes a portal, before its row goes: whoever keeps something for it lets go now. */
public record PortalEnded(PortalId portal) {}
