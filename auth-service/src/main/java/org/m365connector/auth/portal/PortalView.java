package org.m365connector.auth.portal;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.Entitlement;
import org.m365connector.events.PortalId;

/** A portal as the API shows it. */
record PortalView(
        PortalId id,
        String name,
        String intrexxVersion,
        List<String> origins,
        String language,
        Optional<String> contact,
        Optional<Entitlement> entitlement,
        Instant createdAt) {}
