package org.m365connector.auth.user;

import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/** Fired inside the transaction that forgets a portal user. */
public record UserRemoved(PortalId portal, PortalUser user) {}
