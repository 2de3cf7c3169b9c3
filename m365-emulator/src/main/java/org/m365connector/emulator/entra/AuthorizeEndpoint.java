package org.m365connector.emulator.entra;

import io.netty.handler.codec.http.QueryStringEncoder;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.http.RequestLog;
import org.m365connector.emulator.tokens.TokenIssuer;

/**
 * {@code /oauth2/v2.0/authorize} and the pages behind it:
 *
 * <pre>
 *   authorize ──▶ pick ──▶ login ──▶ mfa ──▶ consent ──▶ back to the app, or "you have signed in" for a device
 *   devicelogin ─▶ ┘ (each page only where it is needed)
 * </pre>
 *
 * Errors about the client or the redirect URI are shown as a page; everything after that goes to the redirect URI.
 */
final class AuthorizeEndpoint {

    private static final Set<String> PROMPTS = Set.of("login", "none", "consent", "select_account", "create");
    private static final Set<String> RESPONSE_MODES = Set.of("query", "fragment", "form_post");

    private final EmulatorState state;
    private final Grants grants;
    private final Sessions sessions;
    private final Pages pages;
    private final AdminConsent adminConsent;
    private final Map<String, SignIn> underWay = new HashMap<>();

    AuthorizeEndpoint(EmulatorState state, Grants grants, Sessions sessions) {
        this.state = state;
        this.grants = grants;
        this.sessions = sessions;
        this.pages = new Pages(state);
        this.adminConsent = new AdminConsent(state, this, pages);
    }

    void reset() {
        underWay.clear();
    }

    Pages pages() {
        return pages;
    }

    /** GET or POST /{tenant}/oauth2/v2.0/authorize. */
    void authorize(RoutingContext ctx) {
        RequestLog.of(ctx).kind("authorize");
        Parameters given;
        Authority authority;
        AppRegistration app;
        String uri;
        try {
            given = ctx.request().method().equals(HttpMethod.POST) ? Parameters.form(ctx) : Parameters.query(ctx);
            authority = Authority.of(ctx.pathParam("tenant"), state.directory());
            String clientId = given.require("client_id");
            RequestLog.of(ctx).clientId(clientId);
            app = state.directory()
                    .app(clientId)
                    .orElseThrow(() -> new EntraFailure(Aadsts.appNotFound(clientId, tenantName(authority))));
            uri = given.require("redirect_uri");
            if (!app.redirectsTo(uri)) {
                throw new EntraFailure(Aadsts.redirectUri(uri, app));
            }
        } catch (EntraFailure failure) {
            pages.error(ctx, failure.error());
            return;
        }
        String mode =
                given.get("response_mode").filter(RESPONSE_MODES::contains).orElse("query");
        boolean clientInfo = given.get("client_info").filter("1"::equals).isPresent();
        try {
            SignIn.Goal.Redirect goal = new SignIn.Goal.Redirect(
                    uri,
                    mode,
                    given.get("state"),
                    given.get("nonce"),
                    Pkce.of(given.get("code_challenge"), given.get("code_challenge_method")),
                    clientInfo,
                    Claims.contexts(given.get("claims")));
            authority.requireApp(app);
            requireResponse(given);
            given.get("prompt").filter(value -> !PROMPTS.contains(value)).ifPresent(value -> {
                throw new EntraFailure(Aadsts.unsupportedValue("prompt", value));
            });
            ScopeRequest scopes = ScopeRequest.parse(given.require("scope"), app);
            SignIn signIn = begin(authority, app, scopes, goal, given.get("prompt"), given.get("login_hint"));
            if (signIn.prompts("none")) {
                silently(ctx, signIn);
            } else {
                interactively(ctx, signIn);
            }
        } catch (EntraFailure failure) {
            redirectError(
                    ctx,
                    new SignIn.Goal.Redirect(
                            uri, mode, given.get("state"), Optional.empty(), Optional.empty(), false, Set.of()),
                    failure.error());
        }
    }

    /** GET /{tenant}/v2.0/adminconsent and, older, /{tenant}/adminconsent. */
    void adminConsent(RoutingContext ctx, boolean v2) {
        adminConsent.begin(ctx, v2);
    }

    private static void requireResponse(Parameters given) {
        String type = given.require("response_type");
        List<String> types = List.of(type.split(" ", -1));
        if (types.contains("id_token")) {
            throw new EntraFailure(Aadsts.idTokenNotEnabled());
        }
        if (!type.equals("code")) {
            throw new EntraFailure(Aadsts.responseType(type));
        }
        given.get("response_mode")
                .filter(value -> !RESPONSE_MODES.contains(value))
                .ifPresent(value -> {
                    throw new EntraFailure(Aadsts.responseMode(value));
                });
    }

    SignIn begin(
            Authority authority,
            AppRegistration app,
            ScopeRequest scopes,
            SignIn.Goal goal,
            Optional<String> prompt,
            Optional<String> loginHint) {
        SignIn signIn = new SignIn(
                TokenIssuer.randomText(24),
                authority,
                app,
                scopes,
                goal,
                prompt,
                loginHint,
                state.clock().instant());
        underWay.put(signIn.id, signIn);
        return signIn;
    }

    /** prompt=none: answer at once, with a code or an error. */
    private void silently(RoutingContext ctx, SignIn signIn) {
        Sessions.Session session = sessions.of(ctx);
        UserAccount user = silentAccount(signIn, session);
        if (user.blocked() || user.policyBlocked()) {
            throw new EntraFailure(Aadsts.sessionRevoked());
        }
        signIn.authority.refuses(user, signIn.app).ifPresent(error -> {
            throw new EntraFailure(Aadsts.severalSessions());
        });
        if (user.mfaRequired() && !session.accounts.get(user.oid()).mfa()) {
            throw new EntraFailure(Aadsts.mfaRequired());
        }
        if (needsFreshSignIn(signIn, session, user)) {
            throw new EntraFailure(
                    Aadsts.stepUpRequired(user.stepUp().orElseThrow().claims()));
        }
        refuseWorkScopes(signIn, user);
        Set<String> missing = signIn.missingConsents(user);
        if (!missing.isEmpty()) {
            boolean forAdministrators =
                    !user.administrator() && missing.stream().anyMatch(Permissions::needsAdministrator);
            EntraError error =
                    forAdministrators ? Aadsts.adminConsentRequired(signIn.app) : Aadsts.consentRequired(signIn.app);
            throw new EntraFailure(new EntraError(400, "consent_required", error.number(), error.text()));
        }
        signIn.user = Optional.of(user);
        finish(ctx, signIn, session);
    }

    /** The app asks for what the user has to sign in for, and he has not since that was demanded. */
    private static boolean needsFreshSignIn(SignIn signIn, Sessions.Session session, UserAccount user) {
        return user.stepUp()
                .filter(stepUp -> stepUp.bySignIn() && signIn.contexts().contains(stepUp.context()))
                .filter(stepUp -> session.accounts.get(user.oid()).at().isBefore(stepUp.since()))
                .isPresent();
    }

    private UserAccount silentAccount(SignIn signIn, Sessions.Session session) {
        List<UserAccount> accounts = sessions.accounts(session);
        if (signIn.loginHint.isPresent()) {
            boolean wasThere = session.accounts.keySet().stream()
                    .map(state.directory()::userByOid)
                    .flatMap(Optional::stream)
                    .anyMatch(user -> user.upn().equalsIgnoreCase(signIn.loginHint.get()));
            return accounts.stream()
                    .filter(user -> user.upn().equalsIgnoreCase(signIn.loginHint.get()))
                    .findFirst()
                    .orElseThrow(() -> new EntraFailure(wasThere ? Aadsts.sessionRevoked() : Aadsts.noSession()));
        }
        if (accounts.size() > 1) {
            throw new EntraFailure(Aadsts.severalSessions());
        }
        return accounts.stream().findFirst().orElseThrow(() -> new EntraFailure(Aadsts.noSession()));
    }

    void interactively(RoutingContext ctx, SignIn signIn) {
        Sessions.Session session = sessions.of(ctx);
        List<UserAccount> accounts = signIn.prompts("login") ? List.of() : sessions.accounts(session);
        Optional<UserAccount> hinted = signIn.loginHint.flatMap(hint -> accounts.stream()
                .filter(user -> user.upn().equalsIgnoreCase(hint))
                .findFirst());
        boolean choose = signIn.prompts("select_account") || signIn.goal instanceof SignIn.Goal.Device;
        if (choose && !accounts.isEmpty()) {
            pages.pick(ctx, signIn, accounts);
        } else if (hinted.isPresent()) {
            continueAs(ctx, signIn, session, hinted.get());
        } else if (signIn.loginHint.isPresent() || accounts.isEmpty()) {
            pages.login(ctx, signIn, signIn.loginHint.orElse(""), Optional.empty());
        } else if (accounts.size() == 1) {
            continueAs(ctx, signIn, session, accounts.get(0));
        } else {
            pages.pick(ctx, signIn, accounts);
        }
    }

    /** POST /{tenant}/login. */
    void login(RoutingContext ctx) {
        RequestLog.of(ctx).kind("login");
        withSignIn(ctx, (signIn, form) -> {
            if (form.get("cancel").isPresent()) {
                cancel(ctx, signIn);
                return;
            }
            String login = form.get("login").orElse("").trim();
            RequestLog.of(ctx).user(login);
            Optional<UserAccount> user = state.directory().userByUpn(login);
            Optional<EntraError> error = refusal(user, form.get("passwd").orElse(""), signIn);
            if (error.isPresent()) {
                pages.login(ctx, signIn, login, error.map(EntraError::headline));
                return;
            }
            Sessions.Session session = sessions.of(ctx);
            sessions.signIn(session, user.orElseThrow(), false);
            continueAs(ctx, signIn, session, user.orElseThrow());
        });
    }

    private static Optional<EntraError> refusal(Optional<UserAccount> user, String password, SignIn signIn) {
        if (user.isEmpty()) {
            return Optional.of(Aadsts.userNotFound());
        }
        if (!user.get().hasPassword(password)) {
            return Optional.of(Aadsts.wrongPassword());
        }
        if (user.get().blocked()) {
            return Optional.of(Aadsts.blocked());
        }
        if (user.get().passwordExpired()) {
            return Optional.of(Aadsts.passwordExpired());
        }
        return signIn.authority.refuses(user.get(), signIn.app);
    }

    /** POST /{tenant}/pick. */
    void pick(RoutingContext ctx) {
        RequestLog.of(ctx).kind("login");
        withSignIn(ctx, (signIn, form) -> {
            Sessions.Session session = sessions.of(ctx);
            Optional<UserAccount> picked = sessions.accounts(session).stream()
                    .filter(user ->
                            form.get("account").filter(user.oid()::equals).isPresent())
                    .findFirst();
            if (picked.isPresent()) {
                continueAs(ctx, signIn, session, picked.get());
            } else {
                pages.login(ctx, signIn, "", Optional.empty());
            }
        });
    }

    /** POST /{tenant}/mfa. */
    void secondFactor(RoutingContext ctx) {
        RequestLog.of(ctx).kind("login");
        withSignIn(ctx, (signIn, form) -> {
            UserAccount user = signIn.user.orElseThrow(() -> new EntraFailure(Aadsts.malformed()));
            if (form.get("otc").filter(Seed.SECOND_FACTOR::equals).isEmpty()) {
                pages.secondFactor(ctx, signIn, Optional.of("You didn't enter the expected verification code."));
                return;
            }
            Sessions.Session session = sessions.of(ctx);
            sessions.signIn(session, user, true);
            continueAs(ctx, signIn, session, user);
        });
    }

    /** POST /{tenant}/consent. */
    void consent(RoutingContext ctx) {
        RequestLog.of(ctx).kind("consent");
        withSignIn(ctx, (signIn, form) -> {
            UserAccount user = signIn.user.orElseThrow(() -> new EntraFailure(Aadsts.malformed()));
            RequestLog.of(ctx).user(user.upn());
            boolean accepted = form.get("consent").filter("accept"::equals).isPresent();
            if (signIn.goal instanceof SignIn.Goal.AdminConsent goal) {
                adminConsent.decided(ctx, signIn, goal, user, accepted);
                return;
            }
            Set<String> wanted = signIn.wanted(user);
            if (accepted && needsAdministrator(signIn, user)) {
                pages.needsAdministrator(ctx, signIn, user, Aadsts.adminConsentRequired(signIn.app));
            } else if (accepted) {
                signIn.app.consent(user, wanted);
                finish(ctx, signIn, sessions.of(ctx));
            } else {
                refuseConsent(ctx, signIn, user);
            }
        });
    }

    private void refuseConsent(RoutingContext ctx, SignIn signIn, UserAccount user) {
        EntraError error =
                needsAdministrator(signIn, user) ? Aadsts.adminConsentRequired(signIn.app) : Aadsts.declinedConsent();
        switchGoal(ctx, signIn, redirect -> redirectError(ctx, redirect, error));
    }

    private boolean needsAdministrator(SignIn signIn, UserAccount user) {
        return !user.administrator() && signIn.missingConsents(user).stream().anyMatch(Permissions::needsAdministrator);
    }

    private void cancel(RoutingContext ctx, SignIn signIn) {
        switchGoal(ctx, signIn, redirect -> {
            Map<String, String> values = new LinkedHashMap<>();
            values.put("error", "access_denied");
            values.put("error_subcode", "cancel");
            values.put("error_description", "the user canceled the authentication");
            redirect.state().ifPresent(value -> values.put("state", value));
            respond(ctx, redirect, values);
        });
    }

    /** The user does not want: an app hears it at its redirect URI, a device when it asks next time. */
    private void switchGoal(RoutingContext ctx, SignIn signIn, Consumer<SignIn.Goal.Redirect> redirecting) {
        over(signIn);
        if (signIn.goal instanceof SignIn.Goal.Redirect redirect) {
            redirecting.accept(redirect);
        } else if (signIn.goal instanceof SignIn.Goal.AdminConsent consent) {
            redirecting.accept(consent.redirect());
        } else if (signIn.goal instanceof SignIn.Goal.Device device) {
            device.device().state = Grants.DeviceState.DECLINED;
            pages.message(ctx, "You cancelled the sign-in", "You may now close this window.");
        }
    }

    /** The pages of this sign-in can no longer be posted. */
    void over(SignIn signIn) {
        underWay.remove(signIn.id);
    }

    /** Everything after the password: second factor, policy, consent. */
    private void continueAs(RoutingContext ctx, SignIn signIn, Sessions.Session session, UserAccount user) {
        Optional<EntraError> refusal =
                user.blocked() ? Optional.of(Aadsts.blocked()) : signIn.authority.refuses(user, signIn.app);
        if (refusal.isPresent()) {
            pages.login(ctx, signIn, user.upn(), refusal.map(EntraError::headline));
            return;
        }
        signIn.user = Optional.of(user);
        RequestLog.of(ctx).user(user.upn());
        if (user.policyBlocked()) {
            pages.error(ctx, Aadsts.blockedByPolicy());
            return;
        }
        if (user.mfaRequired() && !session.accounts.get(user.oid()).mfa()) {
            pages.secondFactor(ctx, signIn, Optional.empty());
            return;
        }
        if (signIn.goal instanceof SignIn.Goal.AdminConsent) {
            adminConsent.ask(ctx, signIn, user);
            return;
        }
        if (needsFreshSignIn(signIn, session, user)) {
            pages.login(ctx, signIn, user.upn(), Optional.empty());
            return;
        }
        refuseWorkScopes(signIn, user);
        if (signIn.goal instanceof SignIn.Goal.Device device
                && (signIn.app.deviceCodeBlocked() || user.deviceCodeBlocked())) {
            device.device().state = Grants.DeviceState.BLOCKED;
            pages.error(ctx, Aadsts.blockedByPolicy());
            return;
        }
        Set<String> missing = signIn.missingConsents(user);
        if (needsAdministrator(signIn, user)) {
            pages.needsAdministrator(ctx, signIn, user, Aadsts.adminConsentRequired(signIn.app));
        } else if (signIn.prompts("consent")) {
            pages.consent(ctx, signIn, user, signIn.wanted(user));
        } else if (!missing.isEmpty() || signIn.goal instanceof SignIn.Goal.Device) {
            pages.consent(ctx, signIn, user, missing);
        } else {
            finish(ctx, signIn, session);
        }
    }

    private void refuseWorkScopes(SignIn signIn, UserAccount user) {
        if (user.personal() && state.limits().flag("entra.assumed.personalRefusesWorkScopes")) {
            signIn.scopes.notForPersonalAccounts().ifPresent(scope -> {
                throw new EntraFailure(Aadsts.scopeNotForPersonal(scope));
            });
        }
    }

    private void finish(RoutingContext ctx, SignIn signIn, Sessions.Session session) {
        underWay.remove(signIn.id);
        UserAccount user = signIn.user.orElseThrow();
        RequestLog.of(ctx).user(user.upn());
        Grants.SignedIn signedIn = Optional.ofNullable(session.accounts.get(user.oid()))
                .orElseThrow(() -> new EntraFailure(Aadsts.noSession()));
        if (signIn.goal instanceof SignIn.Goal.Device device) {
            device.device().signedIn = Optional.of(signedIn);
            device.device().state = Grants.DeviceState.APPROVED;
            pages.message(
                    ctx,
                    "You have signed in",
                    "You have signed in to the " + signIn.app.displayName()
                            + " application on your device. You may now close this window.");
        } else if (signIn.goal instanceof SignIn.Goal.Redirect redirect) {
            String code = grants.add(new Grants.Code(
                    signIn.app,
                    signIn.authority.key(),
                    redirect.uri(),
                    signIn.scopes,
                    redirect.nonce(),
                    redirect.pkce(),
                    signedIn.in(redirect.contexts()),
                    state.clock().instant()));
            Map<String, String> values = new LinkedHashMap<>();
            values.put("code", code);
            if (redirect.clientInfo()) {
                values.put("client_info", clientInfo(user));
            }
            redirect.state().ifPresent(value -> values.put("state", value));
            values.put(
                    "session_state",
                    UUID.nameUUIDFromBytes(session.id.getBytes(StandardCharsets.UTF_8))
                            .toString());
            respond(ctx, redirect, values);
        }
    }

    static String clientInfo(UserAccount user) {
        String json =
                "{\"uid\":\"" + user.oid() + "\",\"utid\":\"" + user.tenant().id() + "\"}";
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    // Device code: the user's half

    /** GET /devicelogin. */
    void deviceLogin(RoutingContext ctx) {
        RequestLog.of(ctx).kind("login");
        pages.deviceCode(ctx, Optional.empty());
    }

    /** POST /devicelogin. */
    void deviceCodeEntered(RoutingContext ctx) {
        RequestLog.of(ctx).kind("login");
        Optional<Grants.Device> device = Parameters.form(ctx)
                .get("otc")
                .map(String::trim)
                .flatMap(grants::deviceByUserCode)
                .filter(found -> found.state == Grants.DeviceState.PENDING && !expired(found));
        if (device.isEmpty()) {
            pages.deviceCode(ctx, Optional.of("That code didn't work. Check the code and try again."));
            return;
        }
        SignIn signIn = begin(
                device.get().authority,
                device.get().app,
                device.get().scopes,
                new SignIn.Goal.Device(device.get()),
                Optional.empty(),
                Optional.empty());
        interactively(ctx, signIn);
    }

    private boolean expired(Grants.Device device) {
        return state.clock().instant().isAfter(device.issued.plus(state.limits().seconds("entra.deviceCodeSeconds")));
    }

    // Answers

    private interface Step {
        void take(SignIn signIn, Parameters form);
    }

    /** Finds the sign-in of a posted page; errors go where this sign-in's errors go. */
    private void withSignIn(RoutingContext ctx, Step step) {
        Parameters form;
        try {
            form = Parameters.form(ctx);
        } catch (EntraFailure failure) {
            pages.error(ctx, failure.error());
            return;
        }
        Optional<SignIn> found = form.get("flow").map(underWay::get);
        if (found.isEmpty()
                || state.clock()
                        .instant()
                        .isAfter(found.get().begun.plus(state.limits().seconds("entra.signInPageSeconds")))) {
            pages.error(ctx, Aadsts.signInPageExpired());
            return;
        }
        RequestLog.of(ctx).clientId(found.get().app.clientId());
        try {
            step.take(found.get(), form);
        } catch (EntraFailure failure) {
            if (found.get().goal instanceof SignIn.Goal.Redirect redirect) {
                redirectError(ctx, redirect, failure.error());
            } else {
                pages.error(ctx, failure.error());
            }
        }
    }

    /** The whole {@code error_description} of an error in this request's answer. */
    String description(RoutingContext ctx, EntraError error) {
        return error.description(
                RequestLog.of(ctx).requestId(),
                EntraError.correlationId(ctx),
                state.clock().instant());
    }

    private void redirectError(RoutingContext ctx, SignIn.Goal.Redirect goal, EntraError error) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("error", error.error());
        values.put("error_description", description(ctx, error));
        values.put("error_uri", EntraRoutes.base(ctx, state) + "/error?code=" + error.number());
        error.claims().ifPresent(value -> values.put("claims", value));
        goal.state().ifPresent(value -> values.put("state", value));
        respond(ctx, goal, values);
    }

    void respond(RoutingContext ctx, SignIn.Goal.Redirect goal, Map<String, String> values) {
        if (goal.responseMode().equals("form_post")) {
            pages.formPost(ctx, goal.uri(), values);
            return;
        }
        QueryStringEncoder query = new QueryStringEncoder("");
        values.forEach(query::addParam);
        String encoded = query.toString().substring(1);
        String separator =
                goal.responseMode().equals("fragment") ? "#" : goal.uri().contains("?") ? "&" : "?";
        EntraRoutes.commonHeaders(ctx);
        ctx.response()
                .setStatusCode(302)
                .putHeader("Location", goal.uri() + separator + encoded)
                .end();
    }

    static String tenantName(Authority authority) {
        return authority.tenant().map(tenant -> tenant.displayName()).orElse(authority.segment());
    }
}
