package org.m365connector.emulator.http;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.control.ControlRoutes;
import org.m365connector.emulator.entra.EntraRoutes;
import org.m365connector.emulator.graph.GraphRoutes;
import org.m365connector.emulator.tokens.AccessToken;
import org.m365connector.emulator.tokens.TokenInspection;

/** One router for everything: the log first, then the body, then the faults, then the control door, Graph and Entra ID. */
public final class EmulatorRouter {

    private static final long BODY_LIMIT = 64L * 1024 * 1024;

    private EmulatorRouter() {}

    public static Router create(EmulatorState state) {
        Router router = Router.router(state.vertx());
        router.route().handler(ctx -> {
            if (!ctx.request().path().startsWith("/_emulator/")) {
                state.requests().open(ctx);
            }
            ctx.next();
        });
        router.route().handler(BodyHandler.create(false).setBodyLimit(BODY_LIMIT));
        router.route().handler(ctx -> {
            if (ctx.request().path().startsWith("/_emulator/")) {
                ctx.next();
            } else {
                state.faults().handle(ctx, request -> clientId(request, state));
            }
        });
        ControlRoutes.mount(router, state);
        GraphRoutes.mount(router, state);
        EntraRoutes.mount(router, state);
        return router;
    }

    /** Who calls: from the form, the query, basic authentication or the bearer token; empty if nobody says. */
    private static String clientId(RoutingContext ctx, EmulatorState state) {
        return Optional.ofNullable(ctx.request().getFormAttribute("client_id"))
                .or(() -> Optional.ofNullable(ctx.request().getParam("client_id")))
                .or(() -> authorization(ctx, "basic ").flatMap(EmulatorRouter::basicUser))
                .or(() -> authorization(ctx, "bearer ")
                        .flatMap(token -> token(state.tokens().inspect(token)))
                        .map(AccessToken::appId))
                .orElse("");
    }

    private static Optional<String> basicUser(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            return Optional.of(pair.substring(0, Math.max(0, pair.indexOf(':'))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> authorization(RoutingContext ctx, String scheme) {
        return Optional.ofNullable(ctx.request().getHeader("Authorization"))
                .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(scheme))
                .map(value -> value.substring(scheme.length()).trim());
    }

    private static Optional<AccessToken> token(TokenInspection inspection) {
        if (inspection instanceof TokenInspection.Valid valid) {
            return Optional.of(valid.token());
        }
        return inspection instanceof TokenInspection.Expired expired ? Optional.of(expired.token()) : Optional.empty();
    }
}
