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

/** Groups of portals that do not tell of them through Kafka. */
@Path("/api/portals/{portal}/groups/{group}")
@Tag(name = "Portal users")
@PortalCall
class GroupResource {
    private final GroupService groups;
    private final ToldByRest byRest;
    private final KnownPortals portals;
    private final Actors actors;

    GroupResource(GroupService groups, ToldByRest byRest, KnownPortals portals, Actors actors) {
        this.groups = groups;
        this.byRest = byRest;
        this.portals = portals;
        this.actors = actors;
    }

    @PUT
    @Operation(
            summary = "Tell of a group: from now on it is exactly this",
            description =
                    "Who belongs to it is told with the users. memberOf names the groups that it lies in; of a user's"
                            + " groups that with the highest priority decides, then the nearest, then the first by id.")
    public GroupView put(@PathParam("portal") PortalId portal, @PathParam("group") GroupId group, GroupRequest told)
            throws InterruptedException {
        portals.require(portal);
        return byRest.putGroup(portal, group.value(), (told == null ? GroupRequest.NOTHING_SAID : told).profile());
    }

    @GET
    @Operation(summary = "What is known of a group")
    public GroupView get(@PathParam("portal") PortalId portal, @PathParam("group") GroupId group) {
        return groups.group(portal, group.value());
    }

    @DELETE
    @Operation(summary = "A group is gone, with everything that was assigned to it")
    public void delete(
            @PathParam("portal") PortalId portal, @PathParam("group") GroupId group, @Context HttpHeaders headers) {
        byRest.removeGroup(portal, group.value(), actors.cause(headers, Optional.empty()));
    }
}
