package org.m365connector.auth.setup;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.auth.permission.LoginKind;
import org.m365connector.auth.permission.PermissionPlanner;
import org.m365connector.auth.registration.RegistrationOutline;
import org.m365connector.auth.setup.SetupGuide.Request;
import org.m365connector.auth.setup.SetupGuide.Side;
import org.m365connector.auth.setup.SetupGuide.State;
import org.m365connector.auth.setup.SetupGuide.Step;
import org.m365connector.auth.setup.SetupGuide.Value;
import org.m365connector.events.AccountTypes;

/** Puts the steps of one registration together, from what is known of it. Plain: nothing is asked here. */
final class SetupSteps {

    /**
     * What has been seen of Entra.
     *
     * @param credentialWorks Entra has given the app a token; empty where it was not asked or did not answer
     * @param granted the app's permissions; empty where they cannot be seen
     * @param delegated the permissions that were granted with the newest token of a person; empty where there is none
     * @param somebodySignedIn a person has come back from Entra's pages
     */
    record Seen(
            Optional<Boolean> credentialWorks,
            Optional<Set<String>> granted,
            Optional<Set<String>> delegated,
            boolean somebodySignedIn) {}

    private final RegistrationOutline registration;
    private final PermissionPlan plan;
    private final Seen seen;
    private final SetupTexts texts;
    private final Instant now;
    private final String path;
    private final List<Step> steps = new ArrayList<>();

    private SetupSteps(
            RegistrationOutline registration, PermissionPlan plan, Seen seen, SetupTexts texts, Instant now) {
        this.registration = registration;
        this.plan = plan;
        this.seen = seen;
        this.texts = texts;
        this.now = now;
        this.path = "/api/portals/" + registration.portal() + "/registrations/" + registration.name();
    }

    static List<Step> of(
            RegistrationOutline registration, PermissionPlan plan, Seen seen, SetupTexts texts, Instant now) {
        return new SetupSteps(registration, plan, seen, texts, now).all();
    }

    private List<Step> all() {
        add("draft", Side.CONNECTOR, State.DONE, "seen", draftValues(), List.of(), Optional.empty());
        add(
                "app",
                Side.ENTRA,
                registration.clientId().isEmpty() ? State.OPEN : works(),
                registration.clientId().isEmpty() ? "no-client" : worksReason(),
                List.of(
                        value("displayName", "Intrexx " + registration.portalName() + " " + registration.name()),
                        new Value(
                                "signInAudience",
                                texts.text("value.signInAudience"),
                                texts.text("audience."
                                        + registration.accountTypes().name()),
                                false)),
                List.of("tenantId", "clientId"),
                Optional.empty());
        add(
                "redirect",
                Side.ENTRA,
                seen.somebodySignedIn() ? State.DONE : State.UNKNOWN,
                seen.somebodySignedIn() ? "signed-in" : "until-sign-in",
                registration.redirectUris().stream()
                        .map(uri -> value("redirectUri", uri))
                        .toList(),
                List.of(),
                Optional.empty());
        add(
                "permissions",
                Side.ENTRA,
                grantedState(),
                grantedReason(),
                permissionValues(),
                List.of(),
                Optional.empty());
        add(
                "secret",
                Side.ENTRA,
                hasCredential() ? works() : State.OPEN,
                hasCredential() ? worksReason() : "no-credential",
                List.of(),
                List.of("secret"),
                Optional.empty());
        boolean known =
                registration.tenantId().isPresent() && registration.clientId().isPresent();
        add(
                "ids",
                Side.CONNECTOR,
                known ? State.DONE : State.OPEN,
                known ? "seen" : "no-client",
                List.of(),
                List.of(),
                Optional.of(new Request("PATCH", path, Map.of("tenantId", "{tenantId}", "clientId", "{clientId}"))));
        add(
                "credential",
                Side.CONNECTOR,
                hasCredential() ? State.DONE : State.OPEN,
                hasCredential() ? "seen" : "no-credential",
                List.of(),
                List.of(),
                Optional.of(
                        new Request("POST", path + "/credentials", Map.of("kind", "secret", "secret", "{secret}"))));
        if (!isPersonal()) {
            add("consent", Side.ENTRA, grantedState(), grantedReason(), consentValues(), List.of(), Optional.empty());
        }
        add(
                "users",
                Side.CONNECTOR,
                seen.somebodySignedIn() ? State.DONE : State.UNKNOWN,
                seen.somebodySignedIn() ? "signed-in" : "until-sign-in",
                List.of(value("upnField", registration.upnField())),
                List.of(),
                Optional.empty());
        add(
                "test",
                Side.CONNECTOR,
                seen.somebodySignedIn() && works() == State.DONE ? State.DONE : State.OPEN,
                !seen.somebodySignedIn() ? "not-yet" : works() == State.DONE ? "signed-in" : worksReason(),
                List.of(),
                List.of(),
                Optional.of(new Request("POST", path + "/test", Map.of())));
        return List.copyOf(steps);
    }

    private void add(
            String id,
            Side side,
            State state,
            String reason,
            List<Value> values,
            List<String> yields,
            Optional<Request> request) {
        steps.add(new Step(
                steps.size() + 1,
                id,
                side,
                texts.text("step." + id),
                texts.text("step." + id + ".text"),
                texts.text("step." + id + ".who"),
                state,
                texts.text("because." + reason),
                values,
                yields,
                request));
    }

    private List<Value> draftValues() {
        return List.of(
                value("name", registration.name().value()),
                value(
                        "features",
                        String.join(
                                ", ",
                                plan.features().stream()
                                        .map(PermissionPlan.OfFeature::title)
                                        .toList())),
                value("administrator", registration.administrator().value()));
    }

    private List<Value> permissionValues() {
        List<Value> values = new ArrayList<>();
        values.add(value("delegated", String.join(" ", PermissionPlan.names(plan.delegated()))));
        if (!plan.application().isEmpty()) {
            values.add(value("application", String.join(" ", PermissionPlan.names(plan.application()))));
        }
        return values;
    }

    private List<Value> consentValues() {
        return plan.consentUrl()
                .map(URI::toString)
                .map(url -> List.of(new Value("consentUrl", texts.text("value.consentUrl"), url, true)))
                .orElse(List.of());
    }

    private boolean hasCredential() {
        return registration.credentials().stream()
                .anyMatch(credential ->
                        credential.expiresAt().filter(end -> !end.isAfter(now)).isEmpty());
    }

    private boolean isPersonal() {
        return registration.accountTypes() == AccountTypes.PERSONAL;
    }

    /** Whether Entra accepts the app. For personal accounts it gives the app no token of its own, but nobody signs in without. */
    private State works() {
        if (isPersonal()) {
            return seen.somebodySignedIn() ? State.DONE : State.UNKNOWN;
        }
        return seen.credentialWorks()
                .map(works -> works ? State.DONE : State.OPEN)
                .orElse(State.UNKNOWN);
    }

    private String worksReason() {
        if (isPersonal()) {
            return seen.somebodySignedIn() ? "signed-in" : "until-sign-in";
        }
        return seen.credentialWorks().map(works -> works ? "token" : "refused").orElse("no-token");
    }

    /**
     * The application permissions are granted by the same click as the delegated ones. Where there are none, a sign-in shows the
     * delegated ones.
     */
    private State grantedState() {
        return plan.application().isEmpty()
                ? seen.delegated().map(this::delegatedState).orElse(State.UNKNOWN)
                : seen.granted().map(this::applicationState).orElse(State.UNKNOWN);
    }

    private State applicationState(Set<String> held) {
        return held.containsAll(PermissionPlan.names(plan.application())) ? State.DONE : State.OPEN;
    }

    private State delegatedState(Set<String> held) {
        LoginKind kind = isPersonal() ? LoginKind.DELEGATED_PERSONAL : LoginKind.DELEGATED_WORK;
        return PermissionPlanner.planner()
                        .missing(registration.features(), kind, held)
                        .isEmpty()
                ? State.DONE
                : State.OPEN;
    }

    private String grantedReason() {
        boolean delegated = plan.application().isEmpty();
        return switch (grantedState()) {
            case DONE -> delegated ? "granted-delegated" : "granted";
            case OPEN -> delegated ? "not-granted-delegated" : "not-granted";
            case UNKNOWN -> delegated ? "until-sign-in" : "no-token";
        };
    }

    private Value value(String name, String value) {
        return new Value(name, texts.text("value." + name), value, false);
    }
}
