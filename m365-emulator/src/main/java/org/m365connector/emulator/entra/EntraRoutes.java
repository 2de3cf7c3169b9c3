package org.m365connector.emulator.entra;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.http.RequestLog;

/** Entra ID under {@code /{tenant}/…}. */
public final class EntraRoutes {

    private EntraRoutes() {}

    public static void mount(Router router, EmulatorState state) {
        Grants grants = new Grants(state.clock());
        Sessions sessions = new Sessions(state);
        AuthorizeEndpoint authorize = new AuthorizeEndpoint(state, grants, sessions);
        TokenEndpoint token = new TokenEndpoint(state, grants);
        DiscoveryEndpoint discovery = new DiscoveryEndpoint(state);
        state.onReset(() -> {
            grants.reset();
            token.reset();
            sessions.reset();
            authorize.reset();
        });

        router.get("/common/discovery/instance").handler(discovery::instance);
        router.get("/:tenant/v2.0/.well-known/openid-configuration").handler(discovery::v2);
        router.get("/:tenant/.well-known/openid-configuration").handler(discovery::v1);
        router.get("/:tenant/discovery/v2.0/keys").handler(discovery::keysV2);
        router.get("/:tenant/discovery/keys").handler(discovery::keysV1);
        router.get("/oidc/userinfo").handler(discovery::userinfo);

        router.get("/:tenant/oauth2/v2.0/authorize").handler(authorize::authorize);
        router.post("/:tenant/oauth2/v2.0/authorize").handler(authorize::authorize);
        router.get("/:tenant/v2.0/adminconsent").handler(ctx -> authorize.adminConsent(ctx, true));
        router.get("/:tenant/adminconsent").handler(ctx -> authorize.adminConsent(ctx, false));
        router.post("/:tenant/login").handler(authorize::login);
        router.post("/:tenant/pick").handler(authorize::pick);
        router.post("/:tenant/mfa").handler(authorize::secondFactor);
        router.post("/:tenant/consent").handler(authorize::consent);
        router.get("/devicelogin").handler(authorize::deviceLogin);
        router.post("/devicelogin").handler(authorize::deviceCodeEntered);
        router.get("/:tenant/oauth2/v2.0/logout").handler(ctx -> logout(ctx, state, sessions, authorize.pages()));

        router.get("/error").handler(ctx -> authorize
                .pages()
                .message(
                        ctx,
                        "AADSTS" + ctx.request().getParam("code", ""),
                        "Look it up in Microsoft's list of errors."));

        router.route("/:tenant/oauth2/v2.0/token").handler(token::token);
        router.route("/:tenant/oauth2/v2.0/devicecode").handler(token::deviceCode);
    }

    private static void logout(RoutingContext ctx, EmulatorState state, Sessions sessions, Pages pages) {
        RequestLog.of(ctx).kind("logout");
        sessions.signOut(sessions.of(ctx));
        Optional<String> back = Optional.ofNullable(ctx.request().getParam("post_logout_redirect_uri"))
                .filter(uri -> state.directory().apps().stream().anyMatch(app -> app.redirectsTo(uri)));
        if (back.isPresent()) {
            ctx.response().setStatusCode(302).putHeader("Location", back.get()).end();
        } else {
            pages.message(ctx, "You signed out of your account", "It's a good idea to close all browser windows.");
        }
    }

    /** Scheme, host and port as the caller addressed us, unless one is configured. */
    static String base(RoutingContext ctx, EmulatorState state) {
        return state.options()
                .publicBase()
                .orElseGet(() -> ctx.request().scheme() + "://" + ctx.request().authority());
    }

    static void commonHeaders(RoutingContext ctx) {
        ctx.response()
                .putHeader("Cache-Control", "no-store, no-cache")
                .putHeader("Pragma", "no-cache")
                .putHeader("x-ms-request-id", RequestLog.of(ctx).requestId())
                .putHeader("x-ms-ests-server", "2.1.emulator - LOCAL ProdSlices");
        if ("true".equalsIgnoreCase(ctx.request().getHeader("return-client-request-id"))) {
            ctx.response().putHeader("client-request-id", EntraError.correlationId(ctx));
        }
    }
}
