package org.m365connector.sync.door;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.vertx.http.runtime.RouteConstants;
import io.quarkus.vertx.web.Route;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.m365connector.sync.work.Role;
import org.m365connector.sync.work.RolesConfig;

/**
 * Where Graph posts notifications and lifecycle notifications. Runs on the event loop and never blocks it.
 *
 * <table>
 *   <caption>Answers</caption>
 *   <tr><td>200</td><td>the handshake: the validation token as it was sent, as plain text</td></tr>
 *   <tr><td>202</td><td>every item that carries our mark is stored; items without it are counted and dropped, since late
 *       notifications of deleted subscriptions are normal and Graph repeats whatever is not answered 2xx</td></tr>
 *   <tr><td>400</td><td>not a collection of notifications</td></tr>
 *   <tr><td>413</td><td>too large</td></tr>
 *   <tr><td>503</td><td>not stored, or not known to be stored, within a second: Graph sends it again</td></tr>
 * </table>
 */
@ApplicationScoped
class Door {
    private static final String NOTIFICATIONS = "/notifications";
    private static final String LIFECYCLE = "/lifecycle";
    private static final String VALIDATION_TOKEN = "validationToken";
    private static final int LONGEST_TOKEN = 4096;

    /** More than most items take, so that what fits is not refused unread. */
    private static final int BYTES_OF_AN_ITEM = 2048;

    /** Quarkus reads bodies in the next place. */
    private static final int BEFORE_THE_BODY = RouteConstants.ROUTE_ORDER_BODY_HANDLER - 1;

    private final ClientStates clientStates;
    private final HintProducer producer;
    private final DoorConfig config;
    private final boolean active;
    private final MeterRegistry meters;

    Door(ClientStates clientStates, HintProducer producer, DoorConfig config, RolesConfig roles, MeterRegistry meters) {
        this.clientStates = clientStates;
        this.producer = producer;
        this.config = config;
        this.active = roles.roles().contains(Role.DOOR);
        this.meters = meters;
    }

    void install(@Observes Router router) {
        if (active) {
            router.post(NOTIFICATIONS).order(BEFORE_THE_BODY).handler(this::refuseUnread);
            router.post(LIFECYCLE).order(BEFORE_THE_BODY).handler(this::refuseUnread);
        }
    }

    /**
     * To read what cannot be stored would take the time of what can: it is answered on its headers, and its body goes by.
     */
    private void refuseUnread(RoutingContext request) {
        long length = announced(request);
        if (mayGoBy(request, length) && !producer.hasRoomFor(likelyItems(length))) {
            answer(request, 503);
            request.request().resume();
        } else {
            request.next();
        }
    }

    /**
     * Not a handshake; not what has no known end; and nobody who has been promised a word before he sends his body, since he may
     * send none, and something else behind it.
     */
    private boolean mayGoBy(RoutingContext request, long length) {
        return length > 0
                && length <= config.largestBody().asLongValue()
                && !request.request().headers().contains(HttpHeaders.EXPECT)
                && request.queryParam(VALIDATION_TOKEN).isEmpty();
    }

    /** In bytes; 0 where it is not said, or not to be understood, which is not for the door to judge. */
    private static long announced(RoutingContext request) {
        String length = request.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static int likelyItems(long bytes) {
        return Math.toIntExact(1 + bytes / BYTES_OF_AN_ITEM);
    }

    @Route(path = NOTIFICATIONS, methods = Route.HttpMethod.POST)
    void notifications(RoutingContext request) {
        accept(request);
    }

    @Route(path = LIFECYCLE, methods = Route.HttpMethod.POST)
    void lifecycle(RoutingContext request) {
        accept(request);
    }

    private void accept(RoutingContext request) {
        if (!active) {
            answer(request, 404);
            return;
        }
        List<String> tokens = request.queryParam(VALIDATION_TOKEN);
        if (!tokens.isEmpty()) {
            handshake(request, tokens.get(0));
            return;
        }
        Buffer body = request.body().buffer();
        if (body == null || body.length() == 0) {
            answer(request, 400);
        } else if (body.length() > config.largestBody().asLongValue()) {
            answer(request, 413);
        } else if (!producer.hasRoomFor(likelyItems(body.length()))) {
            // There was room when it began.
            answer(request, 503);
        } else {
            store(request, body);
        }
    }

    /** The framework has decoded the token once, as a form: that is exactly what must come back. */
    private void handshake(RoutingContext request, String token) {
        if (token.isEmpty() || token.length() > LONGEST_TOKEN) {
            answer(request, 400);
            return;
        }
        request.response()
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(token);
    }

    private void store(RoutingContext request, Buffer body) {
        NotificationBody notifications;
        try {
            notifications = NotificationBody.parse(
                    body,
                    clientStates,
                    config.mostItems(),
                    config.largestContent().asLongValue());
        } catch (NotificationBody.MalformedException e) {
            answer(request, 400);
            return;
        }
        meters.counter("m365.sync.door.items", "mark", "ours")
                .increment(notifications.hints().size());
        meters.counter("m365.sync.door.items", "mark", "unknown").increment(notifications.unknown());
        if (notifications.hints().isEmpty()) {
            answer(request, 202);
            return;
        }
        Context context = Vertx.currentContext();
        AtomicBoolean answered = new AtomicBoolean();
        long timer =
                context.owner().setTimer(config.answerWithin().toMillis(), late -> answerOnce(request, answered, 503));
        boolean taken = producer.send(
                notifications.hints(),
                stored -> context.runOnContext(back -> {
                    context.owner().cancelTimer(timer);
                    answerOnce(request, answered, stored ? 202 : 503);
                }));
        if (!taken) {
            context.owner().cancelTimer(timer);
            answerOnce(request, answered, 503);
        }
    }

    private void answerOnce(RoutingContext request, AtomicBoolean answered, int status) {
        if (answered.compareAndSet(false, true)) {
            answer(request, status);
        }
    }

    private void answer(RoutingContext request, int status) {
        meters.counter("m365.sync.door.answers", "status", Integer.toString(status))
                .increment();
        if (!request.response().ended() && !request.response().closed()) {
            request.response().setStatusCode(status).end();
        }
    }
}
