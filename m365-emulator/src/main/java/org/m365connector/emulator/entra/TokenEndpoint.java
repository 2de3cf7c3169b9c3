package org.m365connector.emulator.entra;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.ClientSecret;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.http.Json;
import org.m365connector.emulator.http.RequestLog;
import org.m365connector.emulator.tokens.TokenIssuer;

/** {@code /oauth2/v2.0/token} and {@code /oauth2/v2.0/devicecode}. */
final class TokenEndpoint {

    private static final String DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
    private static final String DEFAULT = "/.default";
    /** No vowels, so that no word comes out, and nothing that looks like something else. */
    private static final String USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789";

    private static final int USER_CODE_LENGTH = 9;

    private final EmulatorState state;
    private final Grants grants;
    private final ClientAssertions assertions;

    TokenEndpoint(EmulatorState state, Grants grants) {
        this.state = state;
        this.grants = grants;
        this.assertions = new ClientAssertions(state.clock());
    }

    void reset() {
        assertions.reset();
    }

    /** A request that has passed the checks that all grants share. */
    private record Call(
            RoutingContext ctx,
            Authority authority,
            Parameters form,
            AppRegistration app,
            Optional<String> secret,
            boolean assertion,
            boolean handlesChallenges) {}

    /** Any method on /{tenant}/oauth2/v2.0/token. */
    void token(RoutingContext ctx) {
        RequestLog.of(ctx).kind("token");
        try {
            answer(ctx);
        } catch (EntraFailure failure) {
            EntraError error = failure.error();
            state.requests().count("token.refused");
            if (error.status() == 429) {
                ctx.response()
                        .putHeader("Retry-After", state.limits().text("entra.sameClientCredentials.retryAfterSeconds"));
            }
            error.send(ctx, state);
        }
    }

    private void answer(RoutingContext ctx) {
        requirePost(ctx);
        Authority authority = Authority.of(ctx.pathParam("tenant"), state.directory());
        Parameters form = Parameters.form(ctx);
        String grant = form.require("grant_type");
        state.requests().count("token." + grant.substring(grant.lastIndexOf(':') + 1));
        if (form.get("resource").isPresent()) {
            throw new EntraFailure(Aadsts.resourceParameter());
        }
        Call call = call(ctx, authority, form);
        Optional.ofNullable(ctx.request().getHeader("Origin")).ifPresent(origin -> {
            throw new EntraFailure(Aadsts.crossOrigin(origin));
        });
        switch (grant) {
            case "authorization_code" -> redeemCode(call);
            case "refresh_token" -> refresh(call);
            case "client_credentials" -> clientCredentials(call);
            case DEVICE_GRANT, "device_code" -> redeemDeviceCode(call);
            case "password" -> password(call);
            default -> throw new EntraFailure(Aadsts.unsupportedGrant(grant));
        }
    }

    private static void requirePost(RoutingContext ctx) {
        if (!ctx.request().method().equals(HttpMethod.POST)) {
            throw new EntraFailure(Aadsts.onlyPost(ctx.request().method().name()));
        }
    }

    private Call call(RoutingContext ctx, Authority authority, Parameters form) {
        Optional<List<String>> basic = basic(ctx);
        Optional<String> clientId = form.get("client_id").or(() -> basic.map(pair -> pair.get(0)));
        String id = clientId.orElseThrow(() -> new EntraFailure(Aadsts.missingParameter("client_id")));
        boolean contradiction = basic.isPresent()
                && (!basic.get().get(0).equalsIgnoreCase(id)
                        || form.get("client_secret").isPresent());
        if (contradiction) {
            throw new EntraFailure(Aadsts.malformed());
        }
        RequestLog.of(ctx).clientId(id);
        AppRegistration app = state.directory()
                .app(id)
                .orElseThrow(() -> new EntraFailure(Aadsts.appNotFound(
                        id,
                        authority.tenant().map(tenant -> tenant.displayName()).orElse(authority.segment()))));
        authority.requireApp(app);
        Optional<String> secret = form.get("client_secret").or(() -> basic.map(pair -> pair.get(1)));
        Optional<String> assertion = form.get("client_assertion");
        if (assertion.isPresent() && secret.isPresent()) {
            throw new EntraFailure(Aadsts.malformed());
        }
        assertion.ifPresent(jwt -> {
            String type = form.require("client_assertion_type");
            if (!type.equals(ClientAssertions.TYPE)) {
                throw new EntraFailure(Aadsts.assertionType(type));
            }
            assertions.require(jwt, app, Set.copyOf(audiences(ctx, app)), invalidClientStatus());
        });
        return new Call(
                ctx, authority, form, app, secret, assertion.isPresent(), Claims.handlesChallenges(form.get("claims")));
    }

    /** What a client assertion may be for: this endpoint, as it was called or by the tenant's id. */
    private List<String> audiences(RoutingContext ctx, AppRegistration app) {
        String base = EntraRoutes.base(ctx, state) + "/";
        String path = "/oauth2/v2.0/token";
        return List.of(
                base + ctx.pathParam("tenant") + path, base + app.tenant().id() + path);
    }

    /** Client id and secret of basic authentication; both are form-encoded inside (RFC 6749, 2.3.1). */
    private static Optional<List<String>> basic(RoutingContext ctx) {
        String header = ctx.request().getHeader("Authorization");
        if (header == null || !header.toLowerCase(Locale.ROOT).startsWith("basic ")) {
            return Optional.empty();
        }
        try {
            String pair =
                    new String(Base64.getDecoder().decode(header.substring(6).trim()), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            if (colon < 0) {
                throw new EntraFailure(Aadsts.malformed());
            }
            return Optional.of(List.of(
                    URLDecoder.decode(pair.substring(0, colon), StandardCharsets.UTF_8),
                    URLDecoder.decode(pair.substring(colon + 1), StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException e) {
            throw new EntraFailure(Aadsts.malformed());
        }
    }

    private int invalidClientStatus() {
        return state.limits().integer("entra.assumed.invalidClientStatus");
    }

    /** The client must have proved who it is, by a secret or by an assertion, which was checked before. */
    private void requireCredential(Call call) {
        if (call.assertion()) {
            return;
        }
        String secret =
                call.secret().orElseThrow(() -> new EntraFailure(Aadsts.missingCredential(invalidClientStatus())));
        Optional<ClientSecret> found = call.app().secrets().stream()
                .filter(known -> known.value().equals(secret))
                .findFirst();
        if (found.isEmpty()) {
            throw new EntraFailure(Aadsts.wrongSecret(invalidClientStatus(), call.app()));
        }
        if (!state.clock().instant().isBefore(found.get().expiresAt())) {
            throw new EntraFailure(Aadsts.expiredSecret(invalidClientStatus(), call.app()));
        }
    }

    /** A public client's call: without a credential, or with a right one where that is let pass. */
    private void requirePublic(Call call, String refusal) {
        if (call.secret().isPresent() || call.assertion()) {
            if (state.limits().flag(refusal)) {
                throw new EntraFailure(Aadsts.publicClient(invalidClientStatus()));
            }
            requireCredential(call);
        } else if (!call.app().publicClientFlows()) {
            throw new EntraFailure(Aadsts.missingCredential(invalidClientStatus()));
        }
    }

    // Authorization code

    private void redeemCode(Call call) {
        String value = call.form().require("code");
        String redirectUri = call.form().require("redirect_uri");
        requireCredential(call);
        Grants.Code code = grants.code(value)
                .filter(found -> found.app.equals(call.app()))
                .orElseThrow(() -> new EntraFailure(Aadsts.invalidCode()));
        if (code.redeemed) {
            throw new EntraFailure(Aadsts.codeRedeemed());
        }
        Instant end = code.issued.plus(state.limits().seconds("entra.codeSeconds"));
        if (!state.clock().instant().isBefore(end)) {
            throw new EntraFailure(Aadsts.codeExpired());
        }
        if (!code.authority.equals(call.authority().key())) {
            throw new EntraFailure(Aadsts.codeOfOtherTenant());
        }
        if (!code.redirectUri.equals(redirectUri)) {
            throw new EntraFailure(Aadsts.replyAddress(invalidClientStatus(), redirectUri, code.redirectUri));
        }
        Optional<String> verifier = call.form().get("code_verifier");
        boolean proven = code.pkce.isPresent()
                ? verifier.filter(code.pkce.get()::provenBy).isPresent()
                : verifier.isEmpty();
        if (!proven) {
            throw new EntraFailure(Aadsts.verifierMismatch());
        }
        Optional<ScopeRequest> asked = scopes(call);
        asked.filter(scopes -> scopes.byResource().size() > 1).ifPresent(scopes -> {
            throw new EntraFailure(Aadsts.severalResources(scopes.text()));
        });
        String resource = asked.filter(scopes -> !scopes.byResource().isEmpty())
                .orElse(code.scopes)
                .firstResource();
        UserAccount user = user(code.signedIn, call);
        if (user.mfaRequired() && !code.signedIn.mfa()) {
            throw new EntraFailure(Aadsts.mfaRequired());
        }
        requireConsent(call, user, asked);
        code.redeemed = true;
        boolean refreshable = code.scopes.openid().contains("offline_access");
        Optional<Grants.Refresh> refresh = refreshable
                ? Optional.of(new Grants.Refresh(
                        call.app(),
                        true,
                        code.scopes.openid().contains("openid"),
                        resource,
                        code.signedIn,
                        state.clock().instant()))
                : Optional.empty();
        answerUser(
                call,
                user,
                code.signedIn,
                resource,
                asked,
                true,
                code.scopes.openid().contains("openid"),
                code.nonce,
                refresh);
    }

    // Refresh token

    private void refresh(Call call) {
        String value = call.form().require("refresh_token");
        if (call.secret().isPresent()) {
            // Who asks comes before what is asked for: a wrong secret never learns whether the token is any good.
            requireCredential(call);
        }
        Grants.Refresh refresh = grants.refresh(value)
                .filter(found -> found.app.equals(call.app()) && !found.ended)
                .orElseThrow(() -> new EntraFailure(Aadsts.invalidGrant()));
        if (refresh.confidential) {
            requireCredential(call);
        } else {
            requirePublic(call, "entra.assumed.publicRefreshTokenRefusesSecret");
        }
        if (grants.repeats(
                "refresh " + value,
                state.limits().integer("entra.sameRefreshes.count"),
                state.limits().seconds("entra.sameRefreshes.perSeconds"))) {
            throw new EntraFailure(Aadsts.loop());
        }
        UserAccount user = user(refresh.signedIn, call);
        requireFresh(refresh, user);
        if (user.mfaRequired() && !refresh.signedIn.mfa()) {
            throw new EntraFailure(Aadsts.mfaRequired());
        }
        Optional<ScopeRequest> asked = scopes(call);
        String resource = asked.filter(scopes -> !scopes.byResource().isEmpty())
                .map(ScopeRequest::firstResource)
                .orElse(refresh.resource);
        if (!call.app().consentsOf(user).contains("offline_access")) {
            throw new EntraFailure(Aadsts.consentRequired(call.app()));
        }
        requireConsent(call, user, asked);
        if (call.app().revokeOldRefreshTokens()) {
            refresh.ended = true;
        }
        boolean idToken =
                asked.map(scopes -> scopes.openid().contains("openid")).orElse(refresh.openid);
        answerUser(
                call,
                user,
                refresh.signedIn,
                resource,
                asked,
                refresh.confidential,
                idToken,
                Optional.empty(),
                Optional.of(new Grants.Refresh(
                        call.app(),
                        refresh.confidential,
                        refresh.openid,
                        resource,
                        refresh.signedIn,
                        state.clock().instant())));
    }

    private void requireFresh(Grants.Refresh refresh, UserAccount user) {
        Instant now = state.clock().instant();
        Instant validFrom = refresh.confidential ? user.tokensValidFrom() : user.publicTokensValidFrom();
        if (refresh.issued.isBefore(validFrom)) {
            throw new EntraFailure(Aadsts.revoked(refresh.issued, validFrom));
        }
        Duration idle = state.limits().seconds("entra.refreshInactivitySeconds");
        if (!now.isBefore(refresh.issued.plus(idle))) {
            throw new EntraFailure(Aadsts.inactive(refresh.issued, idle));
        }
        user.signInFrequency().ifPresent(frequency -> {
            if (!now.isBefore(refresh.signedIn.at().plus(frequency))) {
                throw new EntraFailure(Aadsts.signInFrequency(refresh.issued, frequency));
            }
        });
    }

    // Client credentials

    private void clientCredentials(Call call) {
        String scope = call.form().require("scope");
        switch (call.authority().kind()) {
            case COMMON, ORGANIZATIONS -> throw new EntraFailure(Aadsts.noTenant());
            case CONSUMERS -> throw new EntraFailure(Aadsts.notOverAlias());
            case TENANT -> {}
        }
        requireCredential(call);
        String resource = defaultResource(scope, call.app());
        if (grants.repeats(
                "client " + call.app().clientId() + " " + resource,
                state.limits().integer("entra.sameClientCredentials.count"),
                state.limits().seconds("entra.sameClientCredentials.perSeconds"))) {
            throw new EntraFailure(Aadsts.clientThrottled());
        }
        Set<String> roles = resource.equals(Permissions.GRAPH)
                ? call.app().rolesAt(state.clock().instant())
                : Set.of();
        TokenIssuer.Issued issued = state.tokenIssuer()
                .forApp(resource, call.app(), call.authority().tenant().orElseThrow(), roles, call.handlesChallenges());
        ObjectNode body = Json.object();
        body.put("token_type", "Bearer");
        addLife(body, issued);
        body.put("access_token", issued.bearer());
        send(call.ctx(), body);
    }

    /**
     * Exactly one {@code {resource}/.default}. The scopes of OpenID Connect mean nothing here and are let pass beside it:
     * MSAL4J always sends them.
     */
    private static String defaultResource(String scope, AppRegistration app) {
        List<String> names = Stream.of(scope.trim().split("\\s+", -1))
                .filter(name -> !Permissions.OPENID.contains(name))
                .toList();
        if (names.isEmpty() || !names.stream().allMatch(name -> name.endsWith(DEFAULT))) {
            throw new EntraFailure(Aadsts.notDefault(scope));
        }
        if (names.size() > 1) {
            throw new EntraFailure(Aadsts.invalidScope(scope));
        }
        String resource = names.get(0).substring(0, names.get(0).length() - DEFAULT.length());
        return Permissions.resource(resource)
                .orElseThrow(() -> new EntraFailure(
                        Aadsts.unknownResource(resource, app.tenant().displayName())));
    }

    // Device code

    /** POST /{tenant}/oauth2/v2.0/devicecode. */
    void deviceCode(RoutingContext ctx) {
        RequestLog.of(ctx).kind("devicecode");
        try {
            requirePost(ctx);
            Authority authority = Authority.of(ctx.pathParam("tenant"), state.directory());
            Parameters form = Parameters.form(ctx);
            Call call = call(ctx, authority, form);
            ScopeRequest scopes = ScopeRequest.parse(form.require("scope"), call.app());
            String userCode = userCode();
            String deviceCode = grants.add(new Grants.Device(
                    call.app(), authority, scopes, userCode, state.clock().instant()));
            String page = EntraRoutes.base(ctx, state) + "/devicelogin";
            boolean german = Optional.ofNullable(ctx.request().getParam("mkt"))
                    .filter(market -> market.toLowerCase(Locale.ROOT).startsWith("de"))
                    .isPresent();
            String message = german
                    ? "Verwenden Sie einen Webbrowser, um die Seite " + page + " zu öffnen, und geben Sie den Code "
                            + userCode + " ein, um sich zu authentifizieren."
                    : "To sign in, use a web browser to open the page " + page + " and enter the code " + userCode
                            + " to authenticate.";
            ObjectNode body = Json.object();
            body.put("user_code", userCode);
            body.put("device_code", deviceCode);
            body.put("verification_uri", page);
            body.put("expires_in", state.limits().integer("entra.deviceCodeSeconds"));
            body.put("interval", state.limits().integer("entra.devicePollSeconds"));
            body.put("message", message);
            send(ctx, body);
        } catch (EntraFailure failure) {
            failure.error().send(ctx, state);
        }
    }

    private static String userCode() {
        StringBuilder code = new StringBuilder();
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < USER_CODE_LENGTH; i++) {
            code.append(USER_CODE_LETTERS.charAt(random.nextInt(USER_CODE_LETTERS.length())));
        }
        return code.toString();
    }

    private void redeemDeviceCode(Call call) {
        Grants.Device device = grants.device(call.form().require("device_code"))
                .filter(found -> found.app.equals(call.app()))
                .orElseThrow(() -> new EntraFailure(Aadsts.deviceBadCode()));
        requirePublic(call, "entra.assumed.deviceCodeRefusesSecret");
        if (!device.authority.key().equals(call.authority().key())) {
            throw new EntraFailure(Aadsts.codeOfOtherTenant());
        }
        Instant now = state.clock().instant();
        boolean over = now.isAfter(device.issued.plus(state.limits().seconds("entra.deviceCodeSeconds")));
        if (over && device.state != Grants.DeviceState.REDEEMED) {
            throw new EntraFailure(Aadsts.deviceExpired());
        }
        switch (device.state) {
            case PENDING -> {
                boolean tooSoon =
                        now.isBefore(device.lastPoll.plus(state.limits().seconds("entra.devicePollSeconds")));
                device.lastPoll = now;
                throw new EntraFailure(
                        tooSoon && state.limits().flag("entra.assumed.devicePollSlowDown")
                                ? Aadsts.deviceSlowDown()
                                : Aadsts.devicePending());
            }
            case DECLINED -> throw new EntraFailure(Aadsts.deviceDeclined());
            case BLOCKED -> throw new EntraFailure(Aadsts.blockedByPolicy());
            case REDEEMED -> throw new EntraFailure(Aadsts.codeRedeemed());
            case APPROVED -> {
                Grants.SignedIn signedIn = device.signedIn.orElseThrow();
                UserAccount user = user(signedIn, call);
                device.state = Grants.DeviceState.REDEEMED;
                String resource = device.scopes.firstResource();
                boolean confidential = call.secret().isPresent() || call.assertion();
                Optional<Grants.Refresh> refresh = device.scopes.openid().contains("offline_access")
                        ? Optional.of(new Grants.Refresh(
                                call.app(),
                                confidential,
                                device.scopes.openid().contains("openid"),
                                resource,
                                signedIn,
                                now))
                        : Optional.empty();
                answerUser(
                        call,
                        user,
                        signedIn,
                        resource,
                        Optional.of(device.scopes),
                        confidential,
                        device.scopes.openid().contains("openid"),
                        Optional.empty(),
                        refresh);
            }
        }
    }

    // Password: discouraged, so only its errors

    private void password(Call call) {
        String username = call.form().require("username");
        String password = call.form().require("password");
        call.form().require("scope");
        if (call.authority().kind() == Authority.Kind.COMMON || call.authority().kind() == Authority.Kind.CONSUMERS) {
            throw new EntraFailure(Aadsts.notOverAlias());
        }
        requirePublic(call, "entra.assumed.publicRefreshTokenRefusesSecret");
        UserAccount user = state.directory()
                .userByUpn(username)
                .filter(found -> !found.personal())
                .orElseThrow(() -> new EntraFailure(Aadsts.userNotFound()));
        if (!user.hasPassword(password)) {
            throw new EntraFailure(Aadsts.wrongPassword());
        }
        if (user.blocked()) {
            throw new EntraFailure(Aadsts.blocked());
        }
        if (user.passwordExpired()) {
            throw new EntraFailure(Aadsts.passwordExpired());
        }
        throw new EntraFailure(user.mfaRequired() ? Aadsts.mfaRequired() : Aadsts.blockedByPolicy());
    }

    // What the user grants share

    private static Optional<ScopeRequest> scopes(Call call) {
        return call.form().get("scope").map(scope -> ScopeRequest.parse(scope, call.app()));
    }

    /** The user of a grant, if he may still have tokens. */
    private UserAccount user(Grants.SignedIn signedIn, Call call) {
        UserAccount user =
                state.directory().userByOid(signedIn.oid()).orElseThrow(() -> new EntraFailure(Aadsts.userNotFound()));
        RequestLog.of(call.ctx()).user(user.upn());
        if (user.blocked()) {
            throw new EntraFailure(Aadsts.blocked());
        }
        if (user.policyBlocked()) {
            throw new EntraFailure(Aadsts.blockedByPolicy());
        }
        call.authority().refuses(user, call.app()).ifPresent(error -> {
            throw new EntraFailure(error);
        });
        return user;
    }

    private static void requireConsent(Call call, UserAccount user, Optional<ScopeRequest> asked) {
        Set<String> consents = call.app().consentsOf(user);
        boolean all =
                asked.map(scopes -> consents.containsAll(scopes.consentNames())).orElse(true);
        if (!all || consents.isEmpty()) {
            throw new EntraFailure(Aadsts.consentRequired(call.app()));
        }
    }

    private void answerUser(
            Call call,
            UserAccount user,
            Grants.SignedIn signedIn,
            String resource,
            Optional<ScopeRequest> asked,
            boolean confidential,
            boolean idToken,
            Optional<String> nonce,
            Optional<Grants.Refresh> refresh) {
        Set<String> consents = call.app().consentsOf(user);
        Set<String> granted = ScopeRequest.ofResource(resource, consents);
        TokenIssuer.Issued issued = state.tokenIssuer()
                .forUser(
                        resource,
                        call.app(),
                        confidential,
                        user,
                        granted,
                        signedIn.mfa(),
                        call.handlesChallenges(),
                        contexts(call, user, signedIn));
        ObjectNode body = Json.object();
        body.put("token_type", "Bearer");
        body.put("scope", shown(resource, asked, granted));
        addLife(body, issued);
        body.put("access_token", issued.bearer());
        refresh.ifPresent(next -> body.put("refresh_token", grants.add(next)));
        if (idToken) {
            body.put(
                    "id_token",
                    state.tokenIssuer()
                            .idToken(
                                    EntraRoutes.base(call.ctx(), state),
                                    call.app(),
                                    user,
                                    consents,
                                    nonce,
                                    signedIn.at(),
                                    signedIn.sessionId()));
        }
        if (call.form().get("client_info").filter("1"::equals).isPresent()) {
            body.put("client_info", AuthorizeEndpoint.clientInfo(user));
        }
        send(call.ctx(), body);
    }

    /** What the user signed in for, and what the app asks for now where no sign-in is needed for it. */
    private static Set<String> contexts(Call call, UserAccount user, Grants.SignedIn signedIn) {
        Set<String> asked = Claims.contexts(call.form().get("claims"));
        user.stepUp()
                .filter(stepUp -> stepUp.bySignIn()
                        && asked.contains(stepUp.context())
                        && !signedIn.contexts().contains(stepUp.context()))
                .ifPresent(stepUp -> {
                    throw new EntraFailure(Aadsts.stepUpRequired(stepUp.claims()));
                });
        asked.addAll(signedIn.contexts());
        return asked;
    }

    /** Everything granted, what was asked for first; Graph's permissions by their short names. */
    private static String shown(String resource, Optional<ScopeRequest> asked, Set<String> granted) {
        Set<String> ordered = new LinkedHashSet<>();
        asked.ifPresent(scopes -> ordered.addAll(scopes.byResource().getOrDefault(resource, Set.of())));
        granted.stream()
                .filter(name -> !Permissions.OPENID.contains(name))
                .sorted()
                .forEach(ordered::add);
        ordered.retainAll(granted);
        List<String> openid = List.of("openid", "profile", "email").stream()
                .filter(granted::contains)
                .toList();
        Set<String> names = new LinkedHashSet<>();
        ordered.stream()
                .filter(name -> !Permissions.OPENID.contains(name))
                .forEach(name -> names.add(ScopeRequest.consentName(resource, name)));
        names.addAll(openid);
        return String.join(" ", names);
    }

    /** Long-lived tokens are to be refreshed at half of their life. */
    private static void addLife(ObjectNode body, TokenIssuer.Issued issued) {
        long seconds = issued.life().toSeconds();
        body.put("expires_in", seconds).put("ext_expires_in", seconds);
        if (seconds > Duration.ofHours(2).toSeconds()) {
            body.put("refresh_in", seconds / 2);
        }
    }

    private static void send(RoutingContext ctx, ObjectNode body) {
        EntraRoutes.commonHeaders(ctx);
        Json.send(ctx, 200, body);
    }
}
