package org.m365connector.auth.setup;

import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;
import org.m365connector.access.AdminCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/** Tries a registration. */
@AdminCall
@Path("/api/portals/{portal}/registrations/{registration}/test")
public class CheckResource {

    private final CheckService service;

    CheckResource(CheckService service) {
        this.service = service;
    }

    /** @param portalUser whose own account, mailbox and Teams licence are looked at too */
    @POST
    public CheckReport check(
            PortalId portal,
            RegistrationName registration,
            @QueryParam("portalUser") Optional<PortalUser> portalUser,
            @HeaderParam(HttpHeaders.ACCEPT_LANGUAGE) String languages) {
        return service.check(portal, registration, portalUser, SetupTexts.preferred(languages));
    }
}
