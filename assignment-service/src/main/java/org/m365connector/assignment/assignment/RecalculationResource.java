package org.m365connector.assignment.assignment;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;

/** Where to see how far changes for many users have come. */
@Path("/api/portals/{portal}/recalculations")
@Tag(name = "Assignments")
@PortalCall
class RecalculationResource {
    private static final int MOST = 100;

    private final Recalculations recalculations;

    RecalculationResource(Recalculations recalculations) {
        this.recalculations = recalculations;
    }

    /** Where this stands, of that portal. */
    static String of(PortalId portal) {
        return "/api/portals/" + portal + "/recalculations";
    }

    record RecalculationList(List<Recalculation> items) {}

    @GET
    @Operation(summary = "How far changes for many users have come: those that run, then the last ones")
    public RecalculationList list(@PathParam("portal") PortalId portal) {
        return new RecalculationList(recalculations.list(portal, MOST));
    }
}
