package org.m365connector.sync.delivery;

import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.m365connector.access.PortalCall;
import org.m365connector.events.PortalId;

/** Long-poll for portals that cannot be reached. */
@Path("/api/portals/{portal}/events")
@Produces(MediaType.APPLICATION_JSON)
@PortalCall
@Blocking
@Singleton
@Tag(name = "delivery")
public class EventsResource {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

    private final DeliveryService service;
    private final Semaphore mayWait;
    private final CountDownLatch stopped = new CountDownLatch(1);

    EventsResource(DeliveryService service, DeliveryConfig config) {
        this.service = service;
        this.mayWait = new Semaphore(config.mostWaiting());
    }

    void stop(@Observes ShutdownEvent event) {
        stopped.countDown();
    }

    @GET
    @Operation(
            summary = "Events behind a place",
            description =
                    "For portals that have set a delivery without url. after is the next of the answer before; without it"
                            + " all that are kept come, up to 7 days. Where there is nothing, the call waits for up to wait"
                            + " seconds and may answer with no items. Asking again with the same after answers the same.")
    public EventsPage get(
            @PathParam("portal") String portal,
            @QueryParam("after") @DefaultValue("0") @Min(0) long after,
            @QueryParam("wait") @DefaultValue("0") @Min(0) @Max(60) int wait,
            @QueryParam("limit") @DefaultValue("100") @Min(1) @Max(1000) int limit) {
        PortalId id = new PortalId(portal);
        List<StagedEvent> events = service.after(id, after, limit);
        // Each one who waits has a thread.
        if (!events.isEmpty() || wait == 0 || !mayWait.tryAcquire()) {
            return EventsPage.of(events, after);
        }
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(wait);
            while (events.isEmpty() && System.nanoTime() < end && !stopsWithin(LOOK_AGAIN)) {
                events = service.after(id, after, limit);
            }
        } finally {
            mayWait.release();
        }
        return EventsPage.of(events, after);
    }

    private boolean stopsWithin(Duration pause) {
        try {
            return stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
