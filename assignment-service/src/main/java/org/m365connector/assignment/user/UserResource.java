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
import org.m365connector.events.PortalUser;

/** Users of portals that do not tell of them through Kafka. */
@Path("/api/portals/{portal}/users/{guid}")
@Tag(name = "Portal users")
@PortalCall
class UserResource {
    private final UserService users;
    private final ToldByRest byRest;
    private final KnownPortals portals;
    private final Actors actors;

    UserResource(UserService users, ToldByRest byRest, KnownPortals portals, Actors actors) {
        this.users = users;
        this.byRest = byRest;
        this.portals = portals;
        this.actors = actors;
    }

    @PUT
    @Operation(summary = "Tell of a portal user: from now on he is exactly this")
    public UserView put(@PathParam("portal") PortalId portal, @PathParam("guid") PortalUser guid, UserRequest told)
            throws InterruptedException {
        portals.require(portal);
        return byRest.put(portal, guid, (told == null ? UserRequest.NOTHING_SAID : told).profile());
    }

    @GET
    @Operation(summary = "What is known of a portal user")
    public UserView get(@PathParam("portal") PortalId portal, @PathParam("guid") PortalUser guid) {
        return users.get(portal, guid);
    }

    @DELETE
    @Operation(summary = "A portal user is gone, with everything that was assigned to him in person")
    public void delete(
            @PathParam("portal") PortalId portal, @PathParam("guid") PortalUser guid, @Context HttpHeaders headers) {
        byRest.remove(portal, guid, actors.cause(headers, Optional.empty()));
    }
}
