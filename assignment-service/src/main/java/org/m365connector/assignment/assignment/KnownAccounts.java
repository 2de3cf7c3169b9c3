package org.m365connector.assignment.assignment;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.assignment.user.Turnstile;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.view.Views;

/** Whether a static account exists. One that still needs its login may be assigned. */
@ApplicationScoped
class KnownAccounts {
    /** An account may have been made at auth-service a moment ago. */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(2);

    private final Views views;
    private final GoneAccounts gone;
    private final Endings endings;

    KnownAccounts(Views views, GoneAccounts gone, Endings endings) {
        this.views = views;
        this.gone = gone;
        this.endings = endings;
    }

    /** Begins to read the accounts, so that they are there when they are asked for. */
    void start(@Observes StartupEvent event) {
        views.accounts();
    }

    /** What is not as it should be with those of them that exist. */
    List<Warning> require(PortalId portal, RegistrationName registration, List<AccountName> names)
            throws InterruptedException {
        var warnings = new ArrayList<Warning>();
        var known = views.accounts();
        if (!known.ready()) {
            // Better an assignment of an account that does not exist than none at all while Kafka is away.
            return warnings;
        }
        for (var name : names) {
            if (name.loginMode() != LoginMode.STATIC) {
                continue;
            }
            var key = AccountRecord.key(portal, registration, AccountId.ofStatic(name));
            var state = known.await(key, ON_ITS_WAY).map(AccountRecord::state).orElse(AccountState.GONE);
            if (state == AccountState.GONE) {
                throw new ProblemException(AssignmentProblem.ACCOUNT_UNKNOWN, name).with("account", name);
            }
            warning(name, state).ifPresent(warnings::add);
        }
        return warnings;
    }

    /** What is not as it should be with those of them that exist; nothing is waited for. */
    List<Warning> warnings(PortalId portal, RegistrationName registration, List<AccountName> names) {
        var known = views.accounts();
        return !known.ready()
                ? List.of()
                : names.stream()
                        .filter(name -> name.loginMode() == LoginMode.STATIC)
                        .flatMap(name -> known
                                .get(AccountRecord.key(portal, registration, AccountId.ofStatic(name)))
                                .flatMap(account -> warning(name, account.state()))
                                .stream())
                        .toList();
    }

    private static Optional<Warning> warning(AccountName name, AccountState state) {
        return switch (state) {
            case READY, GONE -> Optional.empty();
            case NEEDS_LOGIN -> Optional.of(new Warning(Warning.Kind.ACCOUNT_NEEDS_LOGIN, name.value()));
            case BLOCKED -> Optional.of(new Warning(Warning.Kind.ACCOUNT_BLOCKED, name.value()));
        };
    }

    /** An end that was told without a version cannot be compared with what the view knows: the view may only not have heard of it yet. */
    void awaitEnd(ConsumerRecord<?, ?> end) {
        OnItsWay.await(views.accounts(), end);
    }

    /** Whether it really is gone, and has not been made again since that was told. */
    boolean isGone(String key, OptionalLong toldIn) {
        var known = views.accounts();
        if (!known.ready()) {
            throw new IllegalStateException("the accounts have not been read yet");
        }
        return known.get(key)
                .filter(account -> account.state() != AccountState.GONE)
                .filter(account -> toldIn.isEmpty() || account.version() > toldIn.getAsLong())
                .isEmpty();
    }

    /** Those of the static accounts among them that do not exist; nothing is waited for. */
    List<AccountName> unknown(PortalId portal, RegistrationName registration, List<AccountName> names) {
        var known = views.accounts();
        if (!known.ready()) {
            return List.of();
        }
        return names.stream()
                .filter(name -> name.loginMode() == LoginMode.STATIC)
                .filter(name -> known.get(AccountRecord.key(portal, registration, AccountId.ofStatic(name)))
                        .filter(account -> account.state() != AccountState.GONE)
                        .isEmpty())
                .toList();
    }

    /**
     * Those of the static accounts among them that are not there, for sure: behind the registration's lock, no account is taken out of
     * all assignments before the transaction ends, and none was that is still taken for there.
     */
    List<AccountName> goneForSure(PortalId portal, RegistrationName registration, List<AccountName> names) {
        var ended = gone.under(portal, registration);
        var unknown = unknown(portal, registration, names);
        return names.stream()
                .filter(name -> name.loginMode() == LoginMode.STATIC)
                .filter(name -> unknown.contains(name)
                        || (ended.containsKey(name) && !isBack(portal, registration, name, ended.get(name))))
                .toList();
    }

    /** Whether the view has heard of it after its end. */
    private boolean isBack(PortalId portal, RegistrationName registration, AccountName name, OptionalLong ended) {
        var known = views.accounts();
        return ended.isPresent()
                && known.ready()
                && known.get(AccountRecord.key(portal, registration, AccountId.ofStatic(name)))
                        .filter(account -> account.version() > ended.getAsLong())
                        .isPresent();
    }

    /**
     * Whether one of that name, which has ended, is still being taken out of assignments: until it is out of all, none of them could be
     * told from one that is made now.
     */
    boolean areEnding(PortalId portal, RegistrationName registration, List<AccountName> names) {
        return names.stream().anyMatch(endings.accounts(portal, registration)::contains);
    }

    /**
     * The caller has the registration's lock.
     *
     * @throws ProblemException {@code account-unknown} where one of them is gone since it was looked for; {@code change-under-way}
     *     where one is there again and the one before has not left all its assignments yet
     */
    void requireStillThere(PortalId portal, RegistrationName registration, List<AccountName> names) {
        if (names.stream().noneMatch(name -> name.loginMode() == LoginMode.STATIC)) {
            return;
        }
        for (var name : goneForSure(portal, registration, names)) {
            throw new ProblemException(AssignmentProblem.ACCOUNT_UNKNOWN, name).with("account", name);
        }
        if (areEnding(portal, registration, names)) {
            throw Turnstile.underWay();
        }
    }
}
