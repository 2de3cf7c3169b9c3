package org.m365connector.assignment.history;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Also of registrations that are gone. */
@Path("/api/portals/{portal}/registrations/{registration}/history")
@Tag(name = "History")
@PortalCall
class HistoryResource {
    private static final int LARGEST_PAGE = 1000;

    private final History history;

    HistoryResource(History history) {
        this.history = history;
    }

    @GET
    @Operation(summary = "What happened to the assignments of a registration, the oldest first")
    public HistoryPage ofRegistration(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @QueryParam("after") @DefaultValue("0") long after,
            @QueryParam("limit") @DefaultValue("100") int limit) {
        return history.page(portal, registration, Optional.empty(), after, pageSize(limit));
    }

    static int pageSize(int limit) {
        if (limit < 1) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("parameter", "limit");
        }
        return Math.min(limit, LARGEST_PAGE);
    }
}
