package org.m365connector.assignment.user;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.assignment.history.Actors;
import org.m365connector.events.PortalId;

/** Roles of portals that do not tell of them through Kafka. */
@Path("/api/portals/{portal}/roles/{role}")
@Tag(name = "Portal users")
@PortalCall
class RoleResource {
    private final GroupService groups;
    private final ToldByRest byRest;
    private final KnownPortals portals;
    private final Actors actors;

    RoleResource(GroupService groups, ToldByRest byRest, KnownPortals portals, Actors actors) {
        this.groups = groups;
        this.byRest = byRest;
        this.portals = portals;
        this.actors = actors;
    }

    @PUT
    @Operation(summary = "Tell of a role; who holds it is told with the users")
    public RoleView put(@PathParam("portal") PortalId portal, @PathParam("role") GroupId role, RoleRequest told)
            throws InterruptedException {
        portals.require(portal);
        return byRest.putRole(
                portal,
                role.value(),
                (told == null ? RoleRequest.NOTHING_SAID : told).profile().name());
    }

    @GET
    @Operation(summary = "What is known of a role")
    public RoleView get(@PathParam("portal") PortalId portal, @PathParam("role") GroupId role) {
        return groups.role(portal, role.value());
    }

    @DELETE
    @Operation(summary = "A role is gone, with everything that was assigned to it")
    public void delete(
            @PathParam("portal") PortalId portal, @PathParam("role") GroupId role, @Context HttpHeaders headers) {
        byRest.removeRole(portal, role.value(), actors.cause(headers, Optional.empty()));
    }
}
