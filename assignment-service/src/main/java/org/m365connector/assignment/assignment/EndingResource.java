package org.m365connector.assignment.assignment;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;

/** Where to see what has ended and how far it is. */
@Path("/api/portals/{portal}/endings")
@Tag(name = "Assignments")
@PortalCall
class EndingResource {
    private static final int MOST = 100;

    private final Endings endings;

    EndingResource(Endings endings) {
        this.endings = endings;
    }

    record EndingList(List<Ending.View> items) {}

    @GET
    @Operation(
            summary = "Accounts and registrations that have ended and are still being taken out of assignments",
            description =
                    "None of them is given to anybody any more. One of the same name can be given once it is not listed here.")
    public EndingList list(@PathParam("portal") PortalId portal) {
        return new EndingList(endings.list(portal, MOST));
    }
}
