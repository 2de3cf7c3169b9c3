package org.m365connector.emulator.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.http.Json;
import org.m365connector.emulator.tokens.SigningKey;

/**
 * The door for tests under {@code /_emulator}. What it does not understand it refuses with 400 and a sentence, so that a
 * misspelt switch cannot pass for one that had no effect.
 */
public final class ControlRoutes {

    private static final int FORMER_KEY_PUBLISHED_SECONDS = 24 * 60 * 60;

    private ControlRoutes() {}

    public static void mount(Router router, EmulatorState state) {
        router.post("/_emulator/reset").handler(ctx -> {
            state.reset();
            ctx.response().setStatusCode(204).end();
        });
        router.get("/_emulator/requests").handler(ctx -> requests(ctx, state));

        router.post("/_emulator/faults")
                .handler(ctx ->
                        withBody(ctx, body -> Json.send(ctx, 201, state.faults().add(body))));
        router.get("/_emulator/faults")
                .handler(ctx -> Json.send(ctx, 200, state.faults().json()));
        router.delete("/_emulator/faults").handler(ctx -> {
            state.faults().clear();
            ctx.response().setStatusCode(204).end();
        });
        router.delete("/_emulator/faults/:id").handler(ctx -> ctx.response()
                .setStatusCode(state.faults().remove(ctx.pathParam("id")) ? 204 : 404)
                .end());

        router.get("/_emulator/clock").handler(ctx -> sendClock(ctx, state));
        router.post("/_emulator/clock")
                .handler(ctx -> withBody(ctx, body -> {
                    refuseUnknown(body, Set.of("advance"));
                    state.clock().advance(Duration.parse(body.path("advance").asText()));
                    sendClock(ctx, state);
                }));

        router.get("/_emulator/entra")
                .handler(ctx -> Json.send(ctx, 200, state.limits().tree("entra")));
        router.post("/_emulator/entra")
                .handler(ctx -> withBody(ctx, body -> {
                    state.limits().change("entra", body);
                    Json.send(ctx, 200, state.limits().tree("entra"));
                }));
        router.delete("/_emulator/entra").handler(ctx -> {
            state.limits().reset();
            ctx.response().setStatusCode(204).end();
        });

        router.get("/_emulator/keys").handler(ctx -> sendKeys(ctx, state));
        router.post("/_emulator/keys").handler(ctx -> withBody(ctx, body -> rollKey(ctx, state, body)));

        router.post("/_emulator/accounts").handler(ctx -> withBody(ctx, body -> AccountSwitches.add(ctx, state, body)));
        router.get("/_emulator/accounts/:upn").handler(ctx -> AccountSwitches.show(ctx, state));
        router.post("/_emulator/accounts/:upn")
                .handler(ctx -> withBody(ctx, body -> AccountSwitches.apply(ctx, state, body)));
        router.post("/_emulator/apps").handler(ctx -> withBody(ctx, body -> AppSwitches.register(ctx, state, body)));
        router.get("/_emulator/apps/:clientId").handler(ctx -> AppSwitches.show(ctx, state));
        router.post("/_emulator/apps/:clientId")
                .handler(ctx -> withBody(ctx, body -> AppSwitches.apply(ctx, state, body)));
    }

    private static void requests(RoutingContext ctx, EmulatorState state) {
        String since = Optional.ofNullable(ctx.request().getParam("since")).orElse("0");
        try {
            if (since.matches("\\d+")) {
                Json.send(ctx, 200, state.requests().json(Long.parseLong(since), Instant.MIN));
            } else {
                Json.send(ctx, 200, state.requests().json(0, Instant.parse(since)));
            }
        } catch (DateTimeParseException e) {
            refuse(ctx, "since is neither a seq nor an ISO time: " + since);
        }
    }

    /** The next key signs; without a word on it the former one stays published for a day. */
    private static void rollKey(RoutingContext ctx, EmulatorState state, ObjectNode body) {
        refuseUnknown(body, Set.of("formerPublishedSeconds"));
        JsonNode seconds = body.path("formerPublishedSeconds");
        if (!seconds.isMissingNode() && !(seconds.canConvertToInt() && seconds.intValue() >= 0)) {
            throw new IllegalArgumentException("formerPublishedSeconds is a whole number of seconds, not " + seconds);
        }
        Duration published = Duration.ofSeconds(seconds.asInt(FORMER_KEY_PUBLISHED_SECONDS));
        state.vertx()
                .executeBlocking(SigningKey::create)
                .onSuccess(next -> {
                    state.tokenIssuer().roll(next, published);
                    sendKeys(ctx, state);
                })
                .onFailure(ctx::fail);
    }

    private static void sendKeys(RoutingContext ctx, EmulatorState state) {
        List<SigningKey> published = state.tokenIssuer().published();
        ObjectNode json = Json.object();
        json.put("signing", published.get(published.size() - 1).kid());
        published.forEach(key -> json.withArray("published").add(key.kid()));
        Json.send(ctx, 200, json);
    }

    private static void sendClock(RoutingContext ctx, EmulatorState state) {
        Json.send(ctx, 200, Json.object().put("now", state.clock().instant().toString()));
    }

    /** Hands a JSON object to {@code use}; answers 400 if there is none or {@code use} finds it wrong. */
    public static void withBody(RoutingContext ctx, Consumer<ObjectNode> use) {
        try {
            String text = ctx.body().asString();
            if (text == null || !(Json.parse(text) instanceof ObjectNode body)) {
                refuse(ctx, "the body must be a JSON object");
                return;
            }
            use.accept(body);
        } catch (JsonProcessingException e) {
            refuse(ctx, "the body is not JSON");
        } catch (IllegalArgumentException | DateTimeParseException e) {
            refuse(ctx, e.getMessage());
        }
    }

    /** 400 with a sentence. */
    public static void refuse(RoutingContext ctx, String why) {
        Json.send(ctx, 400, Json.object().put("error", why));
    }

    /** @throws IllegalArgumentException if the body has a member that is not known */
    public static void refuseUnknown(ObjectNode body, Set<String> known) {
        body.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("there is no switch called " + name + ", only " + known);
            }
        });
    }
}
