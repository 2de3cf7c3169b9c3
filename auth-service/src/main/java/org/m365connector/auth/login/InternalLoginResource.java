package org.m365connector.auth.login;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.m365connector.access.ServiceCall;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Links for the other services: something waits for somebody to sign in. */
@ServiceCall
@Path("/internal/logins")
public class InternalLoginResource {

    private final TicketService service;

    InternalLoginResource(TicketService service) {
        this.service = service;
    }

    /** @param reason slug of why somebody has to sign in */
    record LoginNeeded(
            @NotNull PortalId portal,
            @NotNull RegistrationName registration,
            @NotNull AccountId account,
            @NotBlank @Pattern(regexp = "[a-z0-9-]{1,60}") String reason) {}

    @POST
    public Link link(@Valid @NotNull LoginNeeded needed) {
        return service.forWhoeverNeedsIt(
                new AccountKey(needed.portal(), needed.registration(), needed.account()), needed.reason());
    }
}
