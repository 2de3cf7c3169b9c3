package org.m365connector.sync.action;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.Event;
import org.m365connector.events.PortalId;
import org.m365connector.outbox.PoisonException;
import org.m365connector.outbox.ReusedEventIdException;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;
import org.m365connector.sync.SyncProblem;

@Path("/api/portals/{portal}/actions")
@Produces(MediaType.APPLICATION_JSON)
@PortalCall
@Blocking
@Tag(name = "actions")
public class ActionResource {
    private final ActionIntake intake;
    private final ActionLedger ledger;
    private final ActionWorkers workers;
    private final Clock clock;

    ActionResource(ActionIntake intake, ActionLedger ledger, ActionWorkers workers, Clock clock) {
        this.intake = intake;
        this.ledger = ledger;
        this.workers = workers;
        this.clock = clock;
    }

    @POST
    @Consumes({MediaType.APPLICATION_JSON, "application/cloudevents+json"})
    @Operation(
            summary = "Publish an action without Kafka",
            description =
                    "The body is the event in structured mode, as on the topic of actions. X-Ordering-Key stands for the"
                            + " record's key; without it the portal user is the key. Posting the same event again does nothing.")
    public Response post(
            @PathParam("portal") String portal, @HeaderParam("X-Ordering-Key") Optional<String> key, JsonNode body) {
        PortalId id = new PortalId(portal);
        Event<JsonNode> event = PostedAction.event(id, body, clock.instant());
        try {
            intake.takePosted(id, key, event);
        } catch (ReusedEventIdException e) {
            throw new ProblemException(SyncProblem.ACTION_ID_REUSED).causedBy(e);
        } catch (PoisonException e) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).causedBy(e);
        }
        workers.wake();
        return Response.accepted(
                        Map.of("id", event.id(), "source", event.source().toString()))
                .location(URI.create("/api/portals/" + id + "/actions/" + event.id()))
                .build();
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "Where an action stands, and its result")
    public ActionView get(@PathParam("portal") String portal, @PathParam("id") String id) {
        return ledger.find(new PortalId(portal), id, ActionView::of)
                .orElseThrow(() -> new ProblemException(RequestProblem.NOT_FOUND));
    }
}
