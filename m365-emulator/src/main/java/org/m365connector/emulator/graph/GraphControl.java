package org.m365connector.emulator.graph;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.m365connector.emulator.control.ControlRoutes;
import org.m365connector.emulator.graph.activity.Activity;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.delta.HeldBack;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.subscriptions.Subscriptions;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.graph.truth.Truth;
import org.m365connector.emulator.http.Json;

/**
 * The control door of Graph: {@code /_emulator/activity}, {@code /truth}, {@code /notifications}, {@code /graph} (the
 * switches) and {@code /delta}.
 */
final class GraphControl {

    private static final Set<String> FAULTS =
            Set.of("drop", "duplicate", "reorder", "delayMs", "probability", "times", "pause", "lifecycle");

    private final Activity activity;
    private final TruthResources resources;
    private final Truth truth;
    private final Subscriptions subscriptions;
    private final DeltaRounds deltas;
    private final HeldBack heldBack;
    private final Switches switches;

    GraphControl(
            Activity activity,
            TruthResources resources,
            Truth truth,
            Subscriptions subscriptions,
            DeltaRounds deltas,
            HeldBack heldBack,
            Switches switches) {
        this.activity = activity;
        this.resources = resources;
        this.truth = truth;
        this.subscriptions = subscriptions;
        this.deltas = deltas;
        this.heldBack = heldBack;
        this.switches = switches;
    }

    void mount(Router router) {
        router.post("/_emulator/activity")
                .handler(ctx -> ControlRoutes.withBody(
                        ctx,
                        body -> refusing(ctx, () -> activity.run(body)
                                .onSuccess(done -> Json.send(ctx, 200, done))
                                .onFailure(problem -> ControlRoutes.refuse(ctx, problem.getMessage())))));
        router.get("/_emulator/truth")
                .handler(ctx -> refusing(
                        ctx,
                        () -> Json.send(
                                ctx,
                                200,
                                truth.of(resources.container(ctx.request().getParam("resource"))))));
        router.get("/_emulator/notifications").handler(ctx -> Json.send(ctx, 200, subscriptions.shown()));
        router.post("/_emulator/notifications")
                .handler(ctx -> ControlRoutes.withBody(ctx, body -> {
                    ControlRoutes.refuseUnknown(body, FAULTS);
                    Json.send(ctx, 200, subscriptions.control(body));
                }));
        router.delete("/_emulator/notifications").handler(ctx -> {
            subscriptions.withoutFaults();
            ctx.response().setStatusCode(204).end();
        });
        router.get("/_emulator/graph").handler(ctx -> Json.send(ctx, 200, switches.all()));
        router.post("/_emulator/graph")
                .handler(ctx -> ControlRoutes.withBody(ctx, body -> {
                    switches.change(body);
                    Json.send(ctx, 200, switches.all());
                }));
        router.delete("/_emulator/graph").handler(ctx -> {
            switches.reset();
            ctx.response().setStatusCode(204).end();
        });
        router.post("/_emulator/delta")
                .handler(ctx -> ControlRoutes.withBody(ctx, body -> {
                    ControlRoutes.refuseUnknown(body, Set.of("hold"));
                    List<String> addresses = new ArrayList<>();
                    body.path("hold").forEach(address -> addresses.add(address.asText()));
                    heldBack.hold(addresses);
                    ctx.response().setStatusCode(204).end();
                }));
        router.delete("/_emulator/delta").handler(ctx -> {
            deltas.forget();
            ctx.response().setStatusCode(204).end();
        });
    }

    private static void refusing(RoutingContext ctx, Runnable action) {
        try {
            action.run();
        } catch (IllegalArgumentException | GraphError e) {
            ControlRoutes.refuse(ctx, e.getMessage());
        }
    }
}
