package org.m365connector.auth.registration;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.m365connector.access.ServiceCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** What sync-service reports of registrations that end. */
@ServiceCall
@Path("/internal/endings/registrations")
public class InternalRegistrationResource {

    private final RegistrationService service;

    InternalRegistrationResource(RegistrationService service) {
        this.service = service;
    }

    record Confirmed(@NotNull PortalId portal, @NotNull RegistrationName registration) {}

    /** Nothing of the registration is left at Graph. Harmless for one that is gone, or that does not end. */
    @POST
    public void confirm(@Valid @NotNull Confirmed confirmed) {
        service.finish(confirmed.portal(), confirmed.registration());
    }
}
