package org.m365connector.assignment.user;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.AdminCall;
import org.m365connector.access.PortalCall;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Whom processes without a user run as. He has what is assigned to him, as any other portal user. */
@Path("/api/portals/{portal}/technical-user")
@Tag(name = "Portal users")
class TechnicalUserResource {
    private final UserService users;

    TechnicalUserResource(UserService users) {
        this.users = users;
    }

    record TechnicalUser(PortalUser portalUser) {}

    @PUT
    @AdminCall
    @Operation(
            summary = "Declare the portal user whom processes without a user run as; the portal must have told of him")
    public TechnicalUser declare(@PathParam("portal") PortalId portal, TechnicalUser declared) {
        if (declared == null || declared.portalUser() == null) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("parameter", "portalUser");
        }
        users.declareTechnicalUser(portal, declared.portalUser());
        return declared;
    }

    @GET
    @PortalCall
    @Operation(summary = "The portal user whom processes without a user run as")
    public TechnicalUser get(@PathParam("portal") PortalId portal) {
        return users.technicalUser(portal)
                .map(TechnicalUser::new)
                .orElseThrow(() -> new ProblemException(AssignmentProblem.TECHNICAL_USER_UNKNOWN, portal));
    }

    @DELETE
    @AdminCall
    @Operation(summary = "Processes without a user do not run any more")
    public void end(@PathParam("portal") PortalId portal) {
        users.endTechnicalUser(portal);
    }
}
