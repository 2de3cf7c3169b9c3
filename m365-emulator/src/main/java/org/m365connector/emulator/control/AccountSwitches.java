package org.m365connector.emulator.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.StepUp;
import org.m365connector.emulator.directory.Tenant;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.http.Json;

/** What happens to people: {@code /_emulator/accounts[/{upn}]}. */
final class AccountSwitches {

    private static final Set<String> SWITCHES = Set.of(
            "revoke",
            "passwordChanged",
            "password",
            "passwordExpired",
            "blocked",
            "policyBlocked",
            "mfaRequired",
            "consentWithdrawn",
            "renamedTo",
            "signInFrequencySeconds",
            "deviceCodeBlocked",
            "claimsDemanded",
            "mailbox",
            "teamsLicence",
            "deleted");

    private static final Set<String> PERSON = Set.of("upn", "givenName", "surname");

    private static final String CONTEXT = "c1";

    private AccountSwitches() {}

    /** Somebody who begins to work for the organization: with a mailbox, and the password that everybody has. */
    static void add(RoutingContext ctx, EmulatorState state, ObjectNode body) {
        ControlRoutes.refuseUnknown(body, PERSON);
        String upn = body.path("upn").asText();
        Tenant tenant = state.directory()
                .tenant(upn.substring(upn.indexOf('@') + 1))
                .filter(found -> upn.indexOf('@') > 0 && !found.personal())
                .orElseThrow(() -> new IllegalArgumentException("a upn ends with a domain of the tenant: " + upn));
        if (state.directory().userByUpn(upn).isPresent()) {
            Json.send(ctx, 409, Json.object().put("error", "there is an account " + upn));
            return;
        }
        UserAccount user = new UserAccount(
                tenant,
                UUID.randomUUID().toString(),
                upn,
                body.path("givenName").asText(upn.substring(0, upn.indexOf('@'))),
                body.path("surname").asText(""),
                Seed.PASSWORD,
                false);
        state.directory().add(user);
        Json.send(ctx, 201, json(state, user));
    }

    static void apply(RoutingContext ctx, EmulatorState state, ObjectNode body) {
        ControlRoutes.refuseUnknown(body, SWITCHES);
        Optional<UserAccount> found = state.directory().user(ctx.pathParam("upn"));
        if (found.isEmpty()) {
            Json.send(ctx, 404, Json.object().put("error", "there is no account " + ctx.pathParam("upn")));
            return;
        }
        UserAccount user = found.get();
        Instant now = state.clock().instant();
        if (body.path("revoke").asBoolean()) {
            user.revokeEverything(now);
        }
        if (body.has("passwordChanged")) {
            changePassword(user, body.get("passwordChanged"), now);
        }
        if (body.has("password")) {
            user.setPassword(body.get("password").asText());
        }
        if (body.has("passwordExpired")) {
            user.expirePassword(body.get("passwordExpired").asBoolean());
        }
        if (body.has("blocked")) {
            user.block(body.get("blocked").asBoolean());
        }
        if (body.has("policyBlocked")) {
            user.blockByPolicy(body.get("policyBlocked").asBoolean());
        }
        if (body.has("mfaRequired")) {
            user.requireMfa(body.get("mfaRequired").asBoolean());
        }
        if (body.path("consentWithdrawn").asBoolean()) {
            state.directory().apps().forEach(app -> app.withdrawConsent(user));
        }
        if (body.has("renamedTo")) {
            user.rename(body.get("renamedTo").asText());
        }
        if (body.has("signInFrequencySeconds")) {
            user.limitSignIn(Optional.of(body.get("signInFrequencySeconds"))
                    .filter(JsonNode::isNumber)
                    .map(seconds -> Duration.ofSeconds(seconds.asLong())));
        }
        if (body.has("deviceCodeBlocked")) {
            user.blockDeviceCode(body.get("deviceCodeBlocked").asBoolean());
        }
        if (body.has("claimsDemanded")) {
            user.demand(stepUp(body.get("claimsDemanded"), now));
        }
        if (body.has("mailbox")) {
            user.giveMailbox(body.get("mailbox").asBoolean());
        }
        if (body.has("teamsLicence")) {
            user.licenseTeams(body.get("teamsLicence").asBoolean());
        }
        if (body.path("deleted").asBoolean()) {
            state.directory().remove(user);
        }
        Json.send(ctx, 200, json(state, user));
    }

    /** true and "user" = by himself; "adminCenter" = reset by an administrator, which ends everything. */
    private static void changePassword(UserAccount user, JsonNode how, Instant now) {
        switch (how.asText()) {
            case "true", "user" -> user.revokeAfterPasswordChange(now);
            case "adminCenter" -> user.revokeEverything(now);
            case "false" -> {}
            default ->
                throw new IllegalArgumentException("passwordChanged is true, \"user\" or \"adminCenter\", not " + how);
        }
    }

    /** "refresh" = Graph sends a claims challenge that a refresh token answers; "signIn" = one that the user has to answer. */
    private static Optional<StepUp> stepUp(JsonNode how, Instant now) {
        return switch (how.asText()) {
            case "refresh" -> Optional.of(new StepUp(CONTEXT, false, now));
            case "signIn" -> Optional.of(new StepUp(CONTEXT, true, now));
            case "false" -> Optional.empty();
            default ->
                throw new IllegalArgumentException("claimsDemanded is \"refresh\", \"signIn\" or false, not " + how);
        };
    }

    static void show(RoutingContext ctx, EmulatorState state) {
        state.directory()
                .user(ctx.pathParam("upn"))
                .ifPresentOrElse(
                        user -> Json.send(ctx, 200, json(state, user)),
                        () -> Json.send(ctx, 404, Json.object().put("error", "there is no such account")));
    }

    private static ObjectNode json(EmulatorState state, UserAccount user) {
        ObjectNode json = Json.object();
        json.put("oid", user.oid()).put("upn", user.upn()).put("displayName", user.displayName());
        json.put("tenantId", user.tenant().id()).put("personal", user.personal());
        json.put("administrator", user.administrator());
        json.put("blocked", user.blocked()).put("policyBlocked", user.policyBlocked());
        json.put("mfaRequired", user.mfaRequired());
        json.put("passwordExpired", user.passwordExpired()).put("deviceCodeBlocked", user.deviceCodeBlocked());
        json.put("mailbox", user.hasMailbox()).put("teamsLicence", user.teamsLicensed());
        user.signInFrequency().ifPresent(frequency -> json.put("signInFrequencySeconds", frequency.toSeconds()));
        user.stepUp().ifPresent(stepUp -> json.put("claimsDemanded", stepUp.bySignIn() ? "signIn" : "refresh"));
        ObjectNode consents = json.putObject("consents");
        for (AppRegistration app : state.directory().apps()) {
            app.consentsOf(user).stream().sorted().forEach(consents.withArray(app.clientId())::add);
        }
        return json;
    }
}
