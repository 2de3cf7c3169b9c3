package org.m365connector.assignment.user;

import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Many users, groups and roles of portals that do not tell of them through Kafka. */
@Path("/api/portals/{portal}/import")
@Tag(name = "Portal users")
@PortalCall
class ImportResource {
    /** So few that nobody waits for one transaction. */
    private static final int USERS_AT_ONCE = 100;

    private final ToldByRest byRest;
    private final KnownPortals portals;

    ImportResource(ToldByRest byRest, KnownPortals portals) {
        this.byRest = byRest;
        this.portals = portals;
    }

    /** How many were told. */
    record Told(int groups, int roles, int users) {}

    @POST
    @Operation(
            summary = "Tell of many users, groups and roles at once",
            description =
                    "Each is from now on exactly this; who is not named stays what he was. Checked as a whole, then"
                            + " taken little by little: after a failure the same call may simply be made again.")
    public Told tell(@PathParam("portal") PortalId portal, Import told) throws InterruptedException {
        if (told == null) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST);
        }
        portals.require(portal);
        var groups = told.checkedGroups();
        var roles = told.checkedRoles();
        var users = told.checkedUsers();
        groups.forEach((id, profile) -> byRest.putGroup(portal, id, profile));
        roles.forEach((id, profile) -> byRest.putRole(portal, id, profile.name()));
        var left = users.entrySet().iterator();
        while (left.hasNext()) {
            byRest.putAll(portal, next(left));
        }
        return new Told(groups.size(), roles.size(), users.size());
    }

    private static SortedMap<PortalUser, UserProfile> next(Iterator<Map.Entry<PortalUser, UserProfile>> left) {
        var some = new TreeMap<PortalUser, UserProfile>();
        while (left.hasNext() && some.size() < USERS_AT_ONCE) {
            var entry = left.next();
            some.put(entry.getKey(), entry.getValue());
        }
        return some;
    }
}
