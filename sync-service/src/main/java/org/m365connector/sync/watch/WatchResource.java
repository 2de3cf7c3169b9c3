package org.m365connector.sync.watch;

import io.smallrye.common.annotation.Blocking;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.AccessKeys;
import org.m365connector.access.Caller;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;
import org.m365connector.sync.SyncProblem;

@Path("/api/portals/{portal}/registrations/{registration}/watches")
@Produces(MediaType.APPLICATION_JSON)
@PortalCall
@Blocking
@Tag(name = "watches")
public class WatchResource {
    private final WatchService service;
    private final WatchWorker worker;
    private final AccessKeys keys;

    WatchResource(WatchService service, WatchWorker worker, AccessKeys keys) {
        this.service = service;
        this.worker = worker;
        this.keys = keys;
    }

    /** A page of watches; {@code next} is the value of {@code after} for the following one. */
    public record Page(List<WatchView> items, Optional<String> next) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Watch a container",
            description =
                    "Answers at once; the state is pending until Graph has been asked. What happens from the moment on when"
                            + " the container was found is told, what was there before is not.")
    public Response post(
            @PathParam("portal") String portal,
            @PathParam("registration") String registration,
            @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
            @HeaderParam("X-API-Key") String apiKey,
            WatchRequest request) {
        if (request == null) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST);
        }
        // Without a portal user no assignment is asked: nothing that a portal may decide for itself.
        boolean administrator = keys.caller(authorization, apiKey) instanceof Caller.Admin;
        if (request.portaluser().isEmpty() && !administrator) {
            throw new ProblemException(SyncProblem.INVALID_WATCH, "portaluser is missing");
        }
        WatchView made = service.create(new PortalId(portal), registrationName(registration), request);
        worker.wake();
        return Response.created(URI.create(
                        "/api/portals/" + portal + "/registrations/" + registration + "/watches/" + made.id()))
                .entity(made)
                .build();
    }

    @GET
    public Page list(
            @PathParam("portal") String portal,
            @PathParam("registration") String registration,
            @QueryParam("after") @DefaultValue("") @Pattern(regexp = "\\P{Cntrl}*") String after,
            @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1000) int limit) {
        List<WatchView> items = service.list(new PortalId(portal), registrationName(registration), after, limit);
        return new Page(
                items,
                items.size() < limit
                        ? Optional.empty()
                        : Optional.of(items.get(items.size() - 1).id()));
    }

    @GET
    @Path("/{watch}")
    public WatchView get(
            @PathParam("portal") String portal,
            @PathParam("registration") String registration,
            @PathParam("watch") String watch) {
        return service.get(new PortalId(portal), registrationName(registration), watch)
                .orElseThrow(() -> new ProblemException(RequestProblem.NOT_FOUND));
    }

    @DELETE
    @Path("/{watch}")
    @Operation(summary = "End a watch", description = "Its subscription is deleted at Graph soon after.")
    public Response delete(
            @PathParam("portal") String portal,
            @PathParam("registration") String registration,
            @PathParam("watch") String watch) {
        if (!service.end(new PortalId(portal), registrationName(registration), watch)) {
            throw new ProblemException(RequestProblem.NOT_FOUND);
        }
        worker.wake();
        return Response.noContent().build();
    }

    @POST
    @Path("/{watch}/resync")
    @Operation(
            summary = "Look at everything again",
            description =
                    "All that is in what the watch watches is compared with what the portal has been told; differences are"
                            + " told as changes. What counts as gone is looked for again.")
    public Response resync(
            @PathParam("portal") String portal,
            @PathParam("registration") String registration,
            @PathParam("watch") String watch) {
        WatchView view = service.resync(new PortalId(portal), registrationName(registration), watch)
                .orElseThrow(() -> new ProblemException(RequestProblem.NOT_FOUND));
        worker.containersAreDue();
        return Response.accepted(view).build();
    }

    private static RegistrationName registrationName(String name) {
        try {
            return new RegistrationName(name);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(RequestProblem.NOT_FOUND).causedBy(e);
        }
    }
}
