package org.m365connector.assignment.history;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Also of assignments that are gone. */
@Path("/api/portals/{portal}/registrations/{registration}/assignments/{id}/history")
@Tag(name = "History")
@PortalCall
class AssignmentHistoryResource {
    private final History history;

    AssignmentHistoryResource(History history) {
        this.history = history;
    }

    @GET
    @Operation(summary = "What happened to an assignment, the oldest first; also when it has been removed")
    public HistoryPage ofAssignment(
            @PathParam("portal") PortalId portal,
            @PathParam("registration") RegistrationName registration,
            @PathParam("id") UUID id,
            @QueryParam("after") @DefaultValue("0") long after,
            @QueryParam("limit") @DefaultValue("100") int limit) {
        return history.page(portal, registration, Optional.of(id), after, HistoryResource.pageSize(limit));
    }
}
