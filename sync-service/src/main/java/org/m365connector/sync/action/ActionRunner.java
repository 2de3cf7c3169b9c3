package org.m365connector.sync.action;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.ActionCompleted;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Outcome;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.Problems;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.action.ActionLedger.ClaimedAction;
import org.m365connector.sync.entitlement.Entitlements;
import org.m365connector.sync.graph.Acting;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.graph.LoginCapabilities;
import org.m365connector.sync.watch.WatchOrders;
import org.m365connector.sync.watch.WatchRequest;
import org.m365connector.sync.work.Backoff;
import org.m365connector.sync.work.LeaseLostException;

/** Takes one claimed action as far as it gets. No transaction is open while Graph or auth-service are asked. */
@ApplicationScoped
class ActionRunner {
    private static final Logger LOG = Logger.getLogger(ActionRunner.class);

    /** After its deadline, for how long to go on finding out whether a mail was sent whose sending had been begun before. */
    private static final Duration PATIENCE_IN_DOUBT = Duration.ofHours(1);

    private static final Duration FIRST_PARK_RECHECK = Duration.ofSeconds(2);
    private static final Duration LONGEST_APART = Duration.ofSeconds(8);

    /** A database that moves to its standby needs a minute or two. A lease that ends before says so by itself. */
    private static final Duration WRITE_PATIENCE = Duration.ofMinutes(5);

    private static final Duration BETWEEN_WRITES = Duration.ofMillis(500);

    private final ActionLedger ledger;
    private final GraphAccess graph;
    private final ActingAccounts accounts;
    private final LoginLinks loginLinks;
    private final Entitlements entitlements;
    private final LoginCapabilities capabilities;
    private final WatchOrders watches;
    private final ActionConfig config;
    private final MeterRegistry meters;
    private final Clock clock;
    private final Backoff backoff;
    private final Backoff apart;
    private volatile boolean ending;

    ActionRunner(
            ActionLedger ledger,
            GraphAccess graph,
            ActingAccounts accounts,
            LoginLinks loginLinks,
            Entitlements entitlements,
            LoginCapabilities capabilities,
            WatchOrders watches,
            ActionConfig config,
            MeterRegistry meters,
            Clock clock) {
        this.ledger = ledger;
        this.graph = graph;
        this.accounts = accounts;
        this.loginLinks = loginLinks;
        this.entitlements = entitlements;
        this.capabilities = capabilities;
        this.watches = watches;
        this.config = config;
        this.meters = meters;
        this.clock = clock;
        this.backoff = new Backoff(config.firstBackoff(), config.longestBackoff());
        this.apart = new Backoff(config.firstBackoff(), LONGEST_APART);
    }

    /** This process ends: whoever takes over finds the trace. */
    void stop() {
        ending = true;
    }

    void run(ClaimedAction action) {
        try {
            // Outside of any try: what Graph has said is known, and a database that stumbles now must not turn it into
            // doubt.
            untilStored(action, attempt(action));
        } catch (LeaseLostException e) {
            LOG.infof("action was taken over by another worker %s", action);
        }
    }

    /** @return what is to be stored of this attempt; nothing but that is left to do */
    private Runnable attempt(ClaimedAction action) {
        Optional<Runnable> ended = endedByDeadline(action);
        if (ended.isPresent()) {
            return ended.get();
        }
        ThisAttempt attempt = new ThisAttempt(action);
        try {
            Command command = command(action);
            if (!isInDoubt(action)) {
                entitlements.requireToStay(action.portal(), action.registration());
                entitlements.require(action.portal(), command.feature());
                capabilities.require(named(action), command.operation());
            }
            // What may have happened already is found out all the same, as far as the proxy lets us.
            Conclusion conclusion = command.run(attempt);
            return () -> conclude(action, conclusion);
        } catch (ProblemException e) {
            return attempt.inDoubt()
                    ? () -> finishUnknown(action)
                    : () -> finish(action, Outcome.REJECTED, body(action, e));
        } catch (GraphException e) {
            return follow(action, attempt, e.failure());
        } catch (LeaseLostException e) {
            throw e;
        } catch (RuntimeException e) {
            // An answer that nobody can read leaves the same doubt as none.
            LOG.errorf(e, "action failed in an unforeseen way %s", action);
            return follow(action, attempt, new GraphFailure.NoAnswer());
        }
    }

    private void untilStored(ClaimedAction action, Runnable write) {
        Instant end = clock.instant().plus(WRITE_PATIENCE);
        for (boolean told = false; ; told = true) {
            try {
                write.run();
                return;
            } catch (LeaseLostException e) {
                throw e;
            } catch (RuntimeException e) {
                if (ending || clock.instant().isAfter(end)) {
                    throw e;
                }
                if (!told) {
                    LOG.warnf("action's conclusion cannot be stored yet %s reason=%s", action, e.toString());
                }
                LockSupport.parkNanos(BETWEEN_WRITES.toNanos());
            }
        }
    }

    private Optional<Runnable> endedByDeadline(ClaimedAction action) {
        Instant now = clock.instant();
        if (!action.expired() && now.isBefore(action.deadline())) {
            return Optional.empty();
        }
        if (!isInDoubt(action)) {
            ProblemException late = new ProblemException(
                    SyncProblem.DEADLINE_PASSED, action.deadline().toString());
            return Optional.of(() -> finish(action, Outcome.REJECTED, body(action, late)));
        }
        return now.isAfter(action.deadline().plus(PATIENCE_IN_DOUBT))
                ? Optional.of(() -> finishUnknown(action))
                : Optional.empty();
    }

    /** Whether an earlier attempt may have had its effect. */
    private static boolean isInDoubt(ClaimedAction action) {
        return action.trace().filter(Step::mayBeItsEffect).isPresent();
    }

    private static Acting named(ClaimedAction action) {
        return new Acting(action.portal(), action.registration(), Optional.of(action.portalUser()), action.account());
    }

    private Command command(ClaimedAction action) {
        try {
            return Command.of(action.type(), EventCodec.json().readTree(action.data()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored data of an action is not JSON", e);
        }
    }

    private void conclude(ClaimedAction action, Conclusion conclusion) {
        if (conclusion instanceof Conclusion.Done done) {
            ledger.finish(
                    action,
                    new ActionCompleted(Outcome.DONE, done.ids(), done.links(), Optional.empty()),
                    Optional.of(done.effectId()));
            count(action, Outcome.DONE);
        } else if (conclusion instanceof Conclusion.LookAgain again) {
            ledger.await(action, Duration.between(clock.instant(), again.at()), again.trace(), false);
        } else if (conclusion instanceof Conclusion.Failed failed) {
            finishFailed(action, failed.status(), failed.code());
        } else {
            finishUnknown(action);
        }
    }

    private Runnable follow(ClaimedAction action, ThisAttempt attempt, GraphFailure failure) {
        LOG.debugf("action attempt failed %s failure=%s", action, failure);
        Verdict verdict = Verdict.of(
                failure,
                attempt.begun(),
                action.trace(),
                clock.instant(),
                action.receivedAt().plus(config.unknownGrace()));
        if (verdict instanceof Verdict.Wait wait) {
            Duration pause = pause(action, wait, failure);
            return () -> ledger.await(action, pause, wait.trace(), true);
        } else if (verdict instanceof Verdict.Park park) {
            return askForLogin(action, attempt, park);
        } else if (verdict instanceof Verdict.Reject reject) {
            if (choseAnother(action, failure)) {
                Duration pause = backoff.after(action.attempts() + 1);
                return () -> ledger.await(action, pause, Optional.empty(), true);
            }
            return () -> finish(action, Outcome.REJECTED, reject.problem());
        } else if (verdict instanceof Verdict.Fail fail) {
            return () -> finishFailed(action, fail.status(), fail.code());
        }
        return () -> finishUnknown(action);
    }

    /** We took the default account, but the assignments have changed; nothing has left, so the next attempt takes the new one. */
    private static boolean choseAnother(ClaimedAction action, GraphFailure failure) {
        return action.account().isEmpty()
                && failure instanceof GraphFailure.Problem problem
                && problem.slug().equals("account-not-assigned");
    }

    private void finishFailed(ClaimedAction action, int status, String code) {
        ProblemException problem = new ProblemException(SyncProblem.GRAPH_REFUSED, Integer.toString(status), code)
                .with("graphStatus", status)
                .with("graphCode", code);
        finish(action, Outcome.FAILED, body(action, problem));
    }

    private void finishUnknown(ClaimedAction action) {
        finish(action, Outcome.OUTCOME_UNKNOWN, body(action, new ProblemException(SyncProblem.OUTCOME_UNKNOWN)));
    }

    private Duration pause(ClaimedAction action, Verdict.Wait wait, GraphFailure failure) {
        if (failure instanceof GraphFailure.Problem problem && Verdict.MAY_TURN_UP.contains(problem.slug())) {
            return config.firstBackoff();
        }
        int failures = action.attempts() + 1;
        return wait.after().map(asked -> asked.plus(apart.apart(failures))).orElseGet(() -> backoff.after(failures));
    }

    /** Each time anew, since a link does not live as long as an action may wait, and serves once. */
    private Runnable askForLogin(ClaimedAction action, ThisAttempt attempt, Verdict.Park park) {
        if (!action.park() && park.inDoubt()) {
            return () -> finishUnknown(action);
        }
        AccountId account = accountOf(park.problem()).orElseGet(attempt::account);
        String reason = park.problem().slug();
        LoginLinks.Link link = loginLinks.ask(action.portal(), action.registration(), account, reason);
        Optional<ActionState.Parked> before =
                action.parked().filter(parked -> parked.account().equals(account));
        if (isAway(link, action) && before.isEmpty()) {
            return () -> ledger.await(action, backoff.after(action.attempts() + 1), park.trace(), true);
        }
        Optional<String> loginUrl = link instanceof LoginLinks.Link.Given given
                ? Optional.of(given.url())
                : before.filter(parked -> isAway(link, action)).flatMap(ActionState.Parked::loginUrl);
        if (action.park()) {
            // Soon at first: the account may have become ready while we asked, and that news may be missed.
            Duration recheck = new Backoff(FIRST_PARK_RECHECK, config.parkRecheck()).after(action.attempts() + 1);
            return () -> {
                ledger.park(action, account, loginUrl, reason, park.trace(), recheck);
                LOG.infof("action parked %s account=%s reason=%s", action, account, reason);
            };
        }
        Map<String, Object> problem = new HashMap<>(park.problem().body());
        loginUrl.ifPresent(url -> problem.put("loginUrl", url));
        return () -> finish(action, Outcome.REJECTED, problem);
    }

    /** Who is expected to sign in is news that auth-service hears by events, and may know a moment later. */
    private boolean isAway(LoginLinks.Link link, ClaimedAction action) {
        return link instanceof LoginLinks.Link.Away
                || (link instanceof LoginLinks.Link.Refused refused
                        && refused.slug().equals("upn-unknown")
                        && clock.instant().isBefore(action.receivedAt().plus(config.unknownGrace())));
    }

    /** The proxy knows best whose sign-in is missing. */
    private static Optional<AccountId> accountOf(GraphFailure.Problem problem) {
        try {
            return Optional.ofNullable(problem.body().get("accountId")).map(id -> new AccountId(id.toString()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void finish(ClaimedAction action, Outcome outcome, Map<String, Object> problem) {
        ledger.finish(action, new ActionCompleted(outcome, Map.of(), Map.of(), Optional.of(problem)), Optional.empty());
        count(action, outcome);
    }

    private void count(ClaimedAction action, Outcome outcome) {
        LOG.infof("action finished %s outcome=%s", action, slug(outcome));
        meters.counter("m365.sync.actions", "type", action.type(), "outcome", slug(outcome))
                .increment();
        meters.timer("m365.sync.action.duration", "type", action.type())
                .record(Duration.between(action.receivedAt(), clock.instant()));
    }

    /** As events and metrics spell it. */
    private static String slug(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private Map<String, Object> body(ClaimedAction action, ProblemException problem) {
        return Problems.body(problem, accounts.language(action.portal()));
    }

    /** Not static: it writes through the ledger of this runner. */
    private final class ThisAttempt implements Attempt {
        private final ClaimedAction action;
        /** Empty where nobody has told us yet who acts; then graph-proxy-service knows. */
        private final Optional<AccountName> name;

        private final AccountId account;
        private Step begun;

        ThisAttempt(ClaimedAction action) {
            this.action = action;
            this.name = action.account()
                    .or(action::begunBy)
                    .or(() -> accounts.byDefault(action.portal(), action.registration(), action.portalUser()));
            this.account = name.orElse(AccountName.CURRENT_USER).resolve(action.portalUser());
        }

        Optional<Step> begun() {
            return Optional.ofNullable(begun);
        }

        /** Whether the action may have had its effect by now. */
        boolean inDoubt() {
            return begun().or(action::trace).filter(Step::mayBeItsEffect).isPresent();
        }

        @Override
        public PortalId portal() {
            return action.portal();
        }

        @Override
        public String actionId() {
            return action.actionId();
        }

        @Override
        public GraphServiceClient graph() {
            return graph.as(
                    new Acting(action.portal(), action.registration(), Optional.of(action.portalUser()), name),
                    action.traceParent());
        }

        @Override
        public AccountId account() {
            return account;
        }

        @Override
        public Set<String> accountNames() {
            return accounts.names(action.portal(), action.registration(), account);
        }

        @Override
        public Optional<Step> trace() {
            return action.trace();
        }

        @Override
        public void begin(Step step) {
            ledger.begin(action, step, name);
            begun = step;
        }

        @Override
        public void watch(String id, WatchRequest wanted) {
            watches.make(
                    action.portal(),
                    action.registration(),
                    id,
                    wanted.onBehalfOf(action.portalUser(), action.account()));
        }

        @Override
        public Instant now() {
            return clock.instant();
        }

        @Override
        public Instant callEndsBy() {
            return clock.instant().plus(graph.longestCall());
        }

        @Override
        public Duration mailSettle() {
            return config.mailSettle();
        }
    }
}
