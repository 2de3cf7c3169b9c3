package org.m365connector.assignment.user;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.m365connector.events.PortalUser;

/** A portal user as the API shows him. */
record UserView(
        PortalUser portalUser,
        Map<String, String> fields,
        List<String> groups,
        List<String> roles,
        Instant changedAt) {}
