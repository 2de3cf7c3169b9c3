package org.m365connector.auth.setup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.entra.EntraClient;
import org.m365connector.auth.entra.EntraError;
import org.m365connector.auth.entra.EntraFailure;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.entra.GrantedPermissions;
import org.m365connector.auth.entra.OutboundProbe;
import org.m365connector.auth.permission.DelegatedScopes;
import org.m365connector.auth.permission.Feature;
import org.m365connector.auth.permission.LoginKind;
import org.m365connector.auth.permission.PermissionPlanner;
import org.m365connector.auth.registration.AppAttentions;
import org.m365connector.auth.registration.CredentialKind;
import org.m365connector.auth.registration.CredentialView;
import org.m365connector.auth.registration.RegistrationOutline;
import org.m365connector.auth.registration.RegistrationOutlines;
import org.m365connector.auth.setup.Check.Status;
import org.m365connector.auth.token.TokenAnswer;
import org.m365connector.auth.token.TokenIssue;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.Problems;

/**
 * Tries a registration in everything that it is for. Whatever goes wrong becomes a row, never an error, so that one look shows all
 * that is wrong. No token leaves.
 */
@ApplicationScoped
class CheckService {

    private static final Logger LOG = Logger.getLogger(CheckService.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofDays(30);
    private static final Duration SOME_TIME = Duration.ofMinutes(1);
    private static final Set<Feature> IN_THE_MAILBOX =
            EnumSet.of(Feature.MAIL_READ, Feature.MAIL_SEND, Feature.CALENDAR, Feature.CONTACTS, Feature.TASKS);
    private static final Set<Feature> IN_TEAMS = EnumSet.of(
            Feature.TEAMS_READ, Feature.CHATS_READ, Feature.TEAMS_SEND, Feature.TEAMS_MANAGE, Feature.MEETINGS);
    /** In both of them a licence counts: in the second its time is over, and Microsoft waits a while. */
    private static final Set<String> IN_FORCE = Set.of("Enabled", "Warning");

    private final RegistrationOutlines registrations;
    private final SetupFacts facts;
    private final TokenIssue tokens;
    private final EntraClient entra;
    private final OutboundProbe probe;
    private final AppAttentions apps;
    private final Clock clock;

    CheckService(
            RegistrationOutlines registrations,
            SetupFacts facts,
            TokenIssue tokens,
            EntraClient entra,
            OutboundProbe probe,
            AppAttentions apps,
            Clock clock) {
        this.registrations = registrations;
        this.facts = facts;
        this.tokens = tokens;
        this.entra = entra;
        this.probe = probe;
        this.apps = apps;
        this.clock = clock;
    }

    CheckReport check(PortalId portal, RegistrationName name, Optional<PortalUser> user, SetupTexts texts) {
        RegistrationOutline registration = registrations.get(portal, name);
        return CheckReport.of(clock.instant(), new Run(registration, texts).all(user));
    }

    /** The rows of one registration, as they come. */
    private final class Run {

        private final RegistrationOutline registration;
        private final SetupTexts texts;
        private final List<Check> rows = new ArrayList<>();

        Run(RegistrationOutline registration, SetupTexts texts) {
            this.registration = registration;
            this.texts = texts;
        }

        List<Check> all(Optional<PortalUser> user) {
            guarded("entra-host", () -> host("entra-host", registration.authority()));
            guarded("graph-host", () -> host("graph-host", registration.graphBaseUrl()));
            row(
                    "registration",
                    registration.name().value(),
                    registration.complete() ? Status.OK : Status.FAILED,
                    registration.complete() ? "complete" : "draft");
            credentials();
            if (registration.complete()) {
                if (registration.accountTypes() != AccountTypes.PERSONAL) {
                    registration
                            .credentials()
                            .forEach(credential -> guarded("credential-accepted", () -> tried(credential)));
                    guarded("login-service", () -> login("login-service", AccountId.SERVICE, LoginKind.APPLICATION));
                }
                facts.staticAccounts(registration.portal(), registration.name())
                        .forEach(account -> guarded(
                                "login-static", () -> login("login-static", account, LoginKind.DELEGATED_WORK)));
                user.map(AccountId::ofUser).ifPresent(account -> guarded("login-user", () -> person(account)));
            }
            return List.copyOf(rows);
        }

        private void guarded(String check, Runnable look) {
            try {
                look.run();
            } catch (RuntimeException e) {
                LOG.warnf("Check failed check=%s registration=%s reason=%s", check, registration.name(), e.toString());
                row(check, registration.name().value(), Status.UNKNOWN, "broken");
            }
        }

        private void host(String check, String base) {
            String name = URI.create(base).getHost();
            if (probe.get(URI.create(base + "/"), Optional.empty()) instanceof OutboundProbe.Answer.Stopped stopped) {
                String why = stopped.obstacle().name().toLowerCase(Locale.ROOT);
                row(check, name, Status.FAILED, "host." + why, name);
            } else {
                row(check, name, Status.OK, "host.reached", name);
            }
        }

        private void credentials() {
            if (registration.credentials().isEmpty()) {
                row("credential", "-", Status.FAILED, "credential.none");
            }
            for (CredentialView credential : registration.credentials()) {
                Instant now = clock.instant();
                Optional<Instant> end = credential.expiresAt();
                if (end.isEmpty() && credential.kind() == CredentialKind.FEDERATED) {
                    row("credential", credential.id(), Status.OK, "credential.federated");
                } else if (end.isEmpty()) {
                    row("credential", credential.id(), Status.UNKNOWN, "credential.no-end");
                } else if (!end.get().isAfter(now)) {
                    row(
                            "credential",
                            credential.id(),
                            Status.FAILED,
                            "credential.over",
                            end.get().toString());
                } else {
                    boolean soon = end.get().isBefore(now.plus(SOON));
                    row(
                            "credential",
                            credential.id(),
                            soon ? Status.WARNING : Status.OK,
                            soon ? "credential.soon" : "credential.good",
                            end.get().toString());
                }
            }
        }

        /** Each by itself: while one works nobody notices that another does not, until it is needed. */
        private void tried(CredentialView credential) {
            String kind = credential.kind().slug();
            Grant grant =
                    entra.clientCredentials(facts.app(registration.portal(), registration.name()), credential.id());
            if (grant instanceof Grant.Granted granted) {
                // An attention that this repairs need not wait for the service account's next token.
                GrantedPermissions.roles(granted.accessToken())
                        .ifPresent(roles -> apps.seen(registration.portal(), registration.name(), roles));
                row("credential-accepted", credential.id(), Status.OK, "credential.accepted", kind);
                return;
            }
            EntraError error = ((Grant.Refused) grant).error();
            String why = error.suberror().map(word -> "credential." + word).orElse("");
            if (!why.isEmpty() && texts.has("check." + why)) {
                row("credential-accepted", credential.id(), Status.FAILED, why);
            } else if (error.failure() instanceof EntraFailure.Configuration configuration
                    && configuration.credential()) {
                row("credential-accepted", credential.id(), Status.FAILED, "credential.refused." + kind, error.code());
            } else {
                row("credential-accepted", credential.id(), Status.UNKNOWN, "credential.untold", error.code());
            }
        }

        private Optional<String> login(String check, AccountId account, LoginKind kind) {
            TokenAnswer answer;
            try {
                answer = tokens.issue(
                        new AccountKey(registration.portal(), registration.name(), account),
                        SOME_TIME,
                        Optional.empty());
            } catch (ProblemException e) {
                refused(check, account, e);
                return Optional.empty();
            }
            if (answer instanceof TokenAnswer.Refused refused) {
                refused(check, account, new ProblemException(refused.problem(), account, registration.name()));
                return Optional.empty();
            }
            String token = ((TokenAnswer.Issued) answer).accessToken();
            row(check, account.value(), Status.OK, "token");
            permissions(account, kind, token);
            return Optional.of(token);
        }

        private void refused(String check, AccountId account, ProblemException problem) {
            Map<String, Object> body = Problems.body(problem, Locale.forLanguageTag(texts.language()));
            rows.add(new Check(
                    check,
                    account.value(),
                    Status.FAILED,
                    String.valueOf(body.get("detail")),
                    Optional.ofNullable(body.get("cure")).map(String::valueOf),
                    Optional.empty()));
        }

        private void permissions(AccountId account, LoginKind kind, String token) {
            Optional<Set<String>> granted = kind == LoginKind.APPLICATION
                    ? GrantedPermissions.roles(token)
                    : facts.grantedScopes(registration.portal(), registration.name(), account)
                            .or(() -> GrantedPermissions.scopes(token));
            if (granted.isEmpty()) {
                row("permissions", account.value(), Status.UNKNOWN, "permissions.unreadable");
                return;
            }
            PermissionPlanner planner = PermissionPlanner.planner();
            Set<String> needed = new LinkedHashSet<>(planner.least(registration.features(), kind));
            Set<String> superfluous = new TreeSet<>(granted.get());
            superfluous.removeAll(needed);
            superfluous.removeAll(DelegatedScopes.ALWAYS);
            for (Feature feature : registration.features()) {
                List<String> missing = planner.missing(feature, kind, granted.get());
                boolean impossible = !planner.impossible(feature, kind).isEmpty();
                List<String> own = planner.least(List.of(feature), kind).stream()
                        .filter(granted.get()::contains)
                        .toList();
                String what = !missing.isEmpty() ? "missing" : impossible ? "impossible" : "granted";
                rows.add(new Check(
                        "permissions",
                        account.value() + "/" + feature.slug(),
                        !missing.isEmpty() ? Status.FAILED : impossible ? Status.WARNING : Status.OK,
                        texts.text(
                                "check.permissions." + what,
                                texts.text("feature." + feature.slug()),
                                String.join(", ", missing)),
                        cure("permissions." + what),
                        Optional.of(new Check.Permissions(own, missing, List.of()))));
            }
            if (!superfluous.isEmpty()) {
                rows.add(new Check(
                        "permissions-superfluous",
                        account.value(),
                        Status.WARNING,
                        texts.text("check.permissions.superfluous", String.join(", ", superfluous)),
                        cure("permissions.superfluous"),
                        Optional.of(new Check.Permissions(
                                granted.get().stream().sorted().toList(), List.of(), List.copyOf(superfluous)))));
            }
        }

        private void person(AccountId account) {
            boolean personal = facts.isPersonal(registration.portal(), registration.name(), account);
            LoginKind kind = personal ? LoginKind.DELEGATED_PERSONAL : LoginKind.DELEGATED_WORK;
            Optional<String> token = login("login-user", account, kind);
            if (token.isEmpty()) {
                row("mailbox", account.value(), Status.UNKNOWN, "not-signed-in");
                row("teams-licence", account.value(), Status.UNKNOWN, "not-signed-in");
                return;
            }
            JsonNode plans = graph("/me?$select=id,assignedPlans", token)
                    .filter(came -> came.status() == 200)
                    .map(came -> parse(came.body()).path("assignedPlans"))
                    .orElseGet(MissingNode::getInstance);
            owned("mailbox", account, mailbox(token).or(() -> licence(plans, "exchange")), IN_THE_MAILBOX);
            owned("teams-licence", account, licence(plans, "teamspaceapi"), IN_TEAMS);
        }

        private Optional<OutboundProbe.Answer.Came> graph(String path, Optional<String> token) {
            return probe.get(URI.create(registration.graphBaseUrl() + "/v1.0" + path), token)
                            instanceof OutboundProbe.Answer.Came came
                    ? Optional.of(came)
                    : Optional.empty();
        }

        /**
         * Asks the mailbox itself: there are some without a licence, and with one it may lie elsewhere. Empty where the account may
         * not read mail.
         */
        private Optional<Boolean> mailbox(Optional<String> token) {
            return graph("/me/mailFolders/inbox?$select=id", token).flatMap(came -> {
                if (came.status() == 200) {
                    return Optional.of(true);
                }
                String code = parse(came.body()).path("error").path("code").asText("");
                return code.equals("MailboxNotEnabledForRESTAPI") ? Optional.of(false) : Optional.empty();
            });
        }

        /** Empty where Graph did not tell, and of personal accounts: they have no plans. */
        private Optional<Boolean> licence(JsonNode plans, String service) {
            if (!plans.isArray()) {
                return Optional.empty();
            }
            boolean there = false;
            for (JsonNode plan : plans) {
                there |=
                        plan.path("service").asText("").toLowerCase(Locale.ROOT).equals(service)
                                && IN_FORCE.contains(
                                        plan.path("capabilityStatus").asText(""));
            }
            return Optional.of(there);
        }

        private void owned(String check, AccountId account, Optional<Boolean> there, Set<Feature> neededFor) {
            boolean needed = registration.features().stream().anyMatch(neededFor::contains);
            if (there.isEmpty()) {
                row(check, account.value(), Status.UNKNOWN, "no-answer");
            } else if (there.get()) {
                row(check, account.value(), Status.OK, check + ".there");
            } else if (needed) {
                row(check, account.value(), Status.FAILED, check + ".missing");
            } else {
                row(check, account.value(), Status.OK, check + ".not-needed");
            }
        }

        private void row(String check, String subject, Status status, String text, Object... arguments) {
            rows.add(new Check(
                    check, subject, status, texts.text("check." + text, arguments), cure(text), Optional.empty()));
        }

        private Optional<String> cure(String text) {
            String key = "check." + text + ".cure";
            return texts.has(key) ? Optional.of(texts.text(key)) : Optional.empty();
        }
    }

    private static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return JSON.createObjectNode();
        }
    }
}
