package org.m365connector.auth.portal;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.m365connector.access.ServiceCall;
import org.m365connector.events.PortalId;

/** What sync-service reports of portals that end. */
@ServiceCall
@Path("/internal/endings/portals")
public class InternalPortalResource {

    private final PortalService service;

    InternalPortalResource(PortalService service) {
        this.service = service;
    }

    record Confirmed(@NotNull PortalId portal) {}

    /** Nothing of the portal is left at Graph. Harmless for a portal that is gone, or that does not end. */
    @POST
    public void confirm(@Valid @NotNull Confirmed confirmed) {
        service.finish(confirmed.portal());
    }
}
