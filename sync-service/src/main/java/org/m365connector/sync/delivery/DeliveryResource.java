package org.m365connector.sync.delivery;

import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

@Path("/api/portals/{portal}/delivery")
@Produces(MediaType.APPLICATION_JSON)
@PortalCall
@Blocking
@Tag(name = "delivery")
public class DeliveryResource {
    private final DeliveryService service;
    private final DeliveryWorkers workers;

    DeliveryResource(DeliveryService service, DeliveryWorkers workers) {
        this.service = service;
        this.workers = workers;
    }

    @PUT
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Have events delivered without Kafka",
            description =
                    "With url and apiKey each event is POSTed to the portal's API endpoint: the record's value as the body,"
                            + " its CloudEvents attributes as ce- headers, X-M365-Topic, X-M365-Key, and the key as"
                            + " X-API-KEY. The url must lie in the portal's origins. Any 2xx means that the portal has it."
                            + " Without url they are kept for GET …/events. What is published from now on is delivered.")
    public DeliveryView put(@PathParam("portal") String portal, DeliveryRequest request) {
        if (request == null) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST);
        }
        DeliveryView view = service.set(new PortalId(portal), request);
        workers.wake();
        return view;
    }

    @GET
    @Operation(summary = "How events are delivered, how many wait, and what is wrong")
    public DeliveryView get(@PathParam("portal") String portal) {
        return service.get(new PortalId(portal)).orElseThrow(() -> new ProblemException(RequestProblem.NOT_FOUND));
    }

    @DELETE
    @Operation(summary = "Deliver nothing any more", description = "What waits is dropped; the topics still have it.")
    public Response delete(@PathParam("portal") String portal) {
        if (!service.remove(new PortalId(portal))) {
            throw new ProblemException(RequestProblem.NOT_FOUND);
        }
        return Response.noContent().build();
    }
}
