package org.m365connector.emulator.entra;

import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.http.RequestLog;

/**
 * An administrator consents for the whole tenant. The newer endpoint, {@code /v2.0/adminconsent}, takes scopes: single ones, or
 * {@code .default} for everything that the registration lists; the older, {@code /adminconsent}, always means everything.
 * Application permissions come with everything only.
 *
 * <p>Source of the parameters there and back: Microsoft's page "Admin consent on the Microsoft identity platform" and, for the
 * older one, "OAuth 2.0 client credentials". The pages of the sign-in are those of {@link AuthorizeEndpoint}.
 */
final class AdminConsent {

    private static final String EVERYTHING = Permissions.GRAPH + "/.default";

    private final EmulatorState state;
    private final AuthorizeEndpoint signIns;
    private final Pages pages;

    AdminConsent(EmulatorState state, AuthorizeEndpoint signIns, Pages pages) {
        this.state = state;
        this.signIns = signIns;
        this.pages = pages;
    }

    /** Mistakes of the request are shown as a page: whoever made it has not shown yet where he may send people. */
    void begin(RoutingContext ctx, boolean v2) {
        RequestLog.of(ctx).kind("adminconsent");
        try {
            Parameters given = Parameters.query(ctx);
            Authority authority = Authority.of(ctx.pathParam("tenant"), state.directory());
            if (authority.kind() == Authority.Kind.CONSUMERS) {
                throw new EntraFailure(Aadsts.adminConsentForConsumers());
            }
            String clientId = given.require("client_id");
            RequestLog.of(ctx).clientId(clientId);
            AppRegistration app = state.directory()
                    .app(clientId)
                    .orElseThrow(() ->
                            new EntraFailure(Aadsts.appNotFound(clientId, AuthorizeEndpoint.tenantName(authority))));
            String uri = given.require("redirect_uri");
            if (!app.redirectsTo(uri)) {
                throw new EntraFailure(Aadsts.redirectUri(uri, app));
            }
            authority.requireApp(app);
            ScopeRequest scopes = ScopeRequest.parse(v2 ? given.require("scope") : EVERYTHING, app);
            SignIn.Goal.Redirect redirect = new SignIn.Goal.Redirect(
                    uri, "query", given.get("state"), Optional.empty(), Optional.empty(), false, Set.of());
            SignIn signIn = signIns.begin(
                    authority,
                    app,
                    scopes,
                    new SignIn.Goal.AdminConsent(redirect, v2),
                    Optional.empty(),
                    given.get("login_hint"));
            signIns.interactively(ctx, signIn);
        } catch (EntraFailure failure) {
            pages.error(ctx, failure.error());
        }
    }

    /** The user has signed in. */
    void ask(RoutingContext ctx, SignIn signIn, UserAccount user) {
        if (mayConsent(signIn, user)) {
            Set<String> shown = new LinkedHashSet<>(delegated(signIn));
            application(signIn).forEach(role -> shown.add(role + " (application)"));
            pages.adminConsent(ctx, signIn, user, shown);
        } else {
            pages.needsAdministrator(ctx, signIn, user, Aadsts.adminConsentRequired(signIn.app));
        }
    }

    /** The button has been pressed. */
    void decided(RoutingContext ctx, SignIn signIn, SignIn.Goal.AdminConsent goal, UserAccount user, boolean accepted) {
        if (!mayConsent(signIn, user)) {
            if (accepted) {
                pages.needsAdministrator(ctx, signIn, user, Aadsts.adminConsentRequired(signIn.app));
            } else {
                signIns.over(signIn);
                refuse(ctx, goal, Aadsts.adminConsentRequired(signIn.app));
            }
            return;
        }
        signIns.over(signIn);
        if (accepted) {
            signIn.app.consentForTenant(
                    delegated(signIn), application(signIn), state.clock().instant());
            agree(ctx, signIn, goal, user);
        } else {
            refuse(ctx, goal, Aadsts.declinedAdminConsent());
        }
    }

    private static boolean mayConsent(SignIn signIn, UserAccount user) {
        return user.administrator() && user.tenant().equals(signIn.app.tenant());
    }

    /** Without consent names of their own, only everything was asked for. */
    private static Set<String> delegated(SignIn signIn) {
        Set<String> single = signIn.scopes.consentNames();
        return everything(signIn) ? union(signIn.app.requiredDelegated(), single) : single;
    }

    private static Set<String> application(SignIn signIn) {
        return everything(signIn) ? signIn.app.requiredApplication() : Set.of();
    }

    private static boolean everything(SignIn signIn) {
        return Optional.ofNullable(signIn.scopes.byResource().get(Permissions.GRAPH))
                .filter(Set::isEmpty)
                .isPresent();
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new LinkedHashSet<>(one);
        both.addAll(other);
        return both;
    }

    private void agree(RoutingContext ctx, SignIn signIn, SignIn.Goal.AdminConsent goal, UserAccount user) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("admin_consent", "True");
        values.put("tenant", user.tenant().id());
        if (goal.v2()) {
            values.put("scope", scope(signIn));
        }
        goal.redirect().state().ifPresent(value -> values.put("state", value));
        signIns.respond(ctx, goal.redirect(), values);
    }

    private static String scope(SignIn signIn) {
        if (everything(signIn)) {
            return EVERYTHING;
        }
        return signIn.scopes.byResource().entrySet().stream()
                .flatMap(entry -> entry.getValue().stream().map(name -> entry.getKey() + "/" + name))
                .collect(Collectors.joining(" "));
    }

    /** The older endpoint says no in words of its own, and as documented without the state. */
    private void refuse(RoutingContext ctx, SignIn.Goal.AdminConsent goal, EntraError error) {
        Map<String, String> values = new LinkedHashMap<>();
        if (goal.v2()) {
            values.put("error", error.error());
            values.put("error_description", signIns.description(ctx, error));
            values.put("admin_consent", "True");
            goal.redirect().state().ifPresent(value -> values.put("state", value));
        } else {
            values.put("error", "permission_denied");
            values.put("error_description", "The admin canceled the request");
        }
        signIns.respond(ctx, goal.redirect(), values);
    }
}
