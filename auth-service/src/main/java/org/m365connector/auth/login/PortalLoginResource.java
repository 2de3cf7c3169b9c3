package org.m365connector.auth.login;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestResponse;
import org.m365connector.access.AdminCall;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/** Browser logins of portal users. */
@Path("/api/portals/{portal}/registrations/{registration}/logins")
public class PortalLoginResource {

    private final TicketService service;

    PortalLoginResource(TicketService service) {
        this.service = service;
    }

    @PortalCall
    @POST
    public RestResponse<Link> begin(PortalId portal, RegistrationName registration, @Valid @NotNull NewLogin login) {
        return RestResponse.status(RestResponse.Status.CREATED, service.forUser(portal, registration, login));
    }

    @PortalCall
    @GET
    @Path("{portaluser}")
    public LoginState state(PortalId portal, RegistrationName registration, PortalUser portaluser) {
        return service.state(portal, registration, portaluser);
    }

    @PortalCall
    @DELETE
    @Path("{portaluser}")
    public void signOut(PortalId portal, RegistrationName registration, PortalUser portaluser) {
        service.signOut(portal, registration, portaluser);
    }

    @AdminCall
    @DELETE
    @Path("{portaluser}/pin")
    public void unpin(PortalId portal, RegistrationName registration, PortalUser portaluser) {
        service.unpin(portal, registration, portaluser);
    }
}
