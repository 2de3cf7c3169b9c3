package org.m365connector.auth.account;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.net.URI;
import java.util.List;
import org.jboss.resteasy.reactive.RestResponse;
import org.m365connector.access.AdminCall;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Static accounts: impersonal Microsoft 365 users that an administrator signs in once. */
@AdminCall
@Path("/api/portals/{portal}/registrations/{registration}/accounts")
public class StaticAccountResource {

    private final AccountService service;

    StaticAccountResource(AccountService service) {
        this.service = service;
    }

    @POST
    public RestResponse<StaticAccountView> add(
            PortalId portal, RegistrationName registration, @Valid @NotNull NewStaticAccount wanted) {
        StaticAccountView made = service.addStatic(portal, registration, wanted);
        return RestResponse.ResponseBuilder.<StaticAccountView>created(URI.create(
                        "/api/portals/" + portal + "/registrations/" + registration + "/accounts/" + made.name()))
                .entity(made)
                .build();
    }

    @GET
    public List<StaticAccountView> list(PortalId portal, RegistrationName registration) {
        return service.statics(portal, registration);
    }

    @GET
    @Path("{account}")
    public StaticAccountView get(PortalId portal, RegistrationName registration, AccountName account) {
        return service.getStatic(portal, registration, account);
    }

    /** Lets the next login decide anew, by name, whose account this is. */
    @DELETE
    @Path("{account}/pin")
    public void unpin(PortalId portal, RegistrationName registration, AccountName account) {
        service.unpinStatic(portal, registration, account);
    }

    @DELETE
    @Path("{account}")
    public void remove(PortalId portal, RegistrationName registration, AccountName account) {
        service.removeStatic(portal, registration, account);
    }
}
