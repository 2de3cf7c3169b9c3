package org.m365connector.auth.registration;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.m365connector.access.ServiceCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** What sync-service reports of Graph's notifications. */
@ServiceCall
@Path("/internal/attentions/notifications")
public class InternalNotificationsResource {

    private final AppAttentions attentions;

    InternalNotificationsResource(AppAttentions attentions) {
        this.attentions = attentions;
    }

    record Report(@NotNull PortalId portal, @NotNull RegistrationName registration, boolean missing) {}

    /** Harmless for a registration that is gone, and where it is known already. */
    @POST
    public void report(@Valid @NotNull Report report) {
        attentions.notifications(report.portal(), report.registration(), report.missing());
    }
}
