package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.m365connector.assignment.history.Cause;
import org.m365connector.assignment.history.History;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.assignment.user.GroupKind;
import org.m365connector.assignment.user.KnownGroups;
import org.m365connector.assignment.user.KnownUsers;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/**
 * Makes, changes and removes assignments, each in one transaction with all that follows from it. Who changes a user's own rule shares
 * the registration's lock and holds that user's; who changes a rule that users share has the registration alone.
 */
@ApplicationScoped
public class AssignmentService {
    private static final Logger LOG = Logger.getLogger(AssignmentService.class);

    private final Registrations registrations;
    private final Assignments assignments;
    private final KnownAccounts knownAccounts;
    private final GoneAccounts goneAccounts;
    private final TakenImports taken;
    private final Endings endings;
    private final EndedAssignments ended;
    private final Consequences consequences;
    private final EffectiveAssignments effective;
    private final History history;
    private final KnownUsers users;
    private final KnownGroups groups;
    private final PortalLock locks;
    private final Clock clock;

    AssignmentService(
            Registrations registrations,
            Assignments assignments,
            KnownAccounts knownAccounts,
            GoneAccounts goneAccounts,
            TakenImports taken,
            Endings endings,
            EndedAssignments ended,
            Consequences consequences,
            EffectiveAssignments effective,
            History history,
            KnownUsers users,
            KnownGroups groups,
            PortalLock locks,
            Clock clock) {
        this.registrations = registrations;
        this.assignments = assignments;
        this.knownAccounts = knownAccounts;
        this.goneAccounts = goneAccounts;
        this.taken = taken;
        this.endings = endings;
        this.ended = ended;
        this.consequences = consequences;
        this.effective = effective;
        this.history = history;
        this.users = users;
        this.groups = groups;
        this.locks = locks;
        this.clock = clock;
    }

    @Transactional
    AssignmentView create(PortalId portal, RegistrationName name, Principal principal, Accounts accounts, Cause cause) {
        var registration = lock(portal, name, principal);
        knownAccounts.requireStillThere(portal, name, accounts.names());
        assignments.of(registration, principal).ifPresent(existing -> {
            throw new ProblemException(AssignmentProblem.ASSIGNMENT_EXISTS, principal, existing.id())
                    .with("id", existing.id());
        });
        var made = new Assignment(registration, principal, accounts, clock.instant());
        assignments.persistAndFlush(made);
        history.made(List.of(made.id()), cause);
        return withConsequences(registration, made);
    }

    /** What an administrator wants an assignment to be. */
    record Change(Optional<Principal> principal, Accounts accounts, boolean leavesNarrowing, boolean isForced) {}

    @Transactional
    AssignmentView change(
            PortalId portal, RegistrationName name, UUID id, Precondition precondition, Change change, Cause cause) {
        var registration = lock(portal, name, id);
        var assignment = find(registration, id);
        precondition.require(assignment.version());
        if (change.principal().isPresent() && !change.principal().get().equals(assignment.principal())) {
            throw new ProblemException(AssignmentProblem.PRINCIPAL_FIXED);
        }
        var accounts =
                change.leavesNarrowing() ? change.accounts().narrowedAs(assignment.accounts()) : change.accounts();
        knownAccounts.requireStillThere(portal, name, accounts.names());
        if (!accounts.names().contains(AccountName.SERVICE)) {
            requireAnotherAdministrator(registration, assignment, change.isForced());
        }
        assignment.change(accounts, clock.instant());
        assignments.flush();
        history.changed(List.of(assignment.id()), cause);
        return withConsequences(registration, assignment);
    }

    @Transactional
    void remove(
            PortalId portal, RegistrationName name, UUID id, Precondition precondition, boolean isForced, Cause cause) {
        var registration = lock(portal, name, id);
        var assignment = find(registration, id);
        precondition.require(assignment.version());
        requireAnotherAdministrator(registration, assignment, isForced);
        history.removed(List.of(assignment.id()), cause);
        assignments.delete(assignment);
        consequences.ruleChanged(registration, assignment.principal());
    }

    /** A static account is gone: from now on it is given to nobody. It leaves its assignments at once where they are few. */
    @Transactional
    void accountGone(PortalId portal, RegistrationName name, AccountName account, OptionalLong version) {
        locks.share(portal);
        registrations.findActiveLocked(portal, name).ifPresent(registration -> {
            // Asked again behind the lock: it may have been made again while this waited.
            if (!knownAccounts.isGone(AccountRecord.key(portal, name, AccountId.ofStatic(account)), version)) {
                return;
            }
            goneAccounts.note(portal, name, account, version);
            if (taken.name(registration, account) || !ended.areFew(registration, account, EndingSteps.AT_ONCE)) {
                endings.begin(registration, account);
            } else if (ended.takeOut(registration, account) == 0) {
                return;
            }
            consequences.everybodysRuleChanged(registration);
            LOG.infof("static account gone portal=%s registration=%s account=%s", portal, name, account);
        });
    }

    /** As of that version it is there, whatever was told of its end before. */
    @Transactional
    void accountIsThere(PortalId portal, RegistrationName name, AccountName account, long version) {
        goneAccounts.isThere(portal, name, account, version);
    }

    @Transactional
    AssignmentView get(PortalId portal, RegistrationName name, UUID id) {
        var registration = known(portal, name);
        var gone = endings.accounts(portal, name);
        return find(registration, id).viewWithout(gone).orElseThrow(() -> unknown(id));
    }

    @Transactional
    AssignmentPage list(
            PortalId portal, RegistrationName name, Assignments.Filter filter, Optional<UUID> after, int size) {
        var registration = known(portal, name);
        var gone = endings.accounts(portal, name);
        if (filter.account().filter(gone::contains).isPresent()) {
            return new AssignmentPage(List.of(), Optional.empty());
        }
        var found = assignments.page(registration, filter, gone, after, size + 1);
        var items = found.stream()
                .limit(size)
                .flatMap(assignment -> assignment.viewWithout(gone).stream())
                .toList();
        return new AssignmentPage(
                items,
                found.size() > size ? Optional.of(items.get(items.size() - 1).id()) : Optional.empty());
    }

    /** Without the service account nobody can do anything in the name of the app, and it is the administrator who has it. */
    private void requireAnotherAdministrator(Registration registration, Assignment assignment, boolean isForced) {
        if (!isForced
                && assignment.accounts().names().contains(AccountName.SERVICE)
                && !assignments.anotherHolds(
                        assignment,
                        registration,
                        AccountName.SERVICE,
                        taken.under(registration.portal(), registration.name()))) {
            throw new ProblemException(AssignmentProblem.LAST_ADMINISTRATOR_ASSIGNMENT);
        }
    }

    private AssignmentView withConsequences(Registration registration, Assignment assignment) {
        var principal = assignment.principal();
        var spreads = consequences.ruleChanged(registration, principal);
        return assignment
                .view()
                .with(
                        isKnown(registration.portal(), principal)
                                ? List.of()
                                : List.of(new Warning(Warning.Kind.PRINCIPAL_UNKNOWN, principal.id())),
                        spreads ? Optional.of(RecalculationResource.of(registration.portal())) : Optional.empty());
    }

    private boolean isKnown(PortalId portal, Principal principal) {
        return switch (principal.kind()) {
            case USER -> users.find(portal, new PortalUser(principal.id())).isPresent();
            case GROUP -> groups.isKnown(portal, GroupKind.GROUP, principal.id());
            case ROLE -> groups.isKnown(portal, GroupKind.ROLE, principal.id());
            case DEFAULT -> true;
        };
    }

    /** Nothing is read into the session in front of the lock, it would be taken for the present state behind it. */
    private Registration lock(PortalId portal, RegistrationName name, UUID id) {
        var principal = assignments.principalOf(portal, name, id);
        if (principal.isEmpty()) {
            known(portal, name);
            throw unknown(id);
        }
        return lock(portal, name, principal.get());
    }

    /** What an import that is on its way says of that principal is behind us afterwards, and so is what has ended. */
    private Registration lock(PortalId portal, RegistrationName name, Principal principal) {
        locks.share(portal);
        var registration =
                switch (principal.kind()) {
                    case USER -> {
                        var shared = registrations.shareActive(portal, name).orElseThrow(() -> unknown(portal, name));
                        effective.hold(shared, new PortalUser(principal.id()));
                        yield shared;
                    }
                    case GROUP, ROLE, DEFAULT ->
                        registrations.findActiveLocked(portal, name).orElseThrow(() -> unknown(portal, name));
                };
        taken.settle(registration, principal);
        ended.settle(registration, principal);
        return registration;
    }

    /** @throws ProblemException {@code registration-unknown} */
    @Transactional
    void requireKnown(PortalId portal, RegistrationName name) {
        known(portal, name);
    }

    private Registration known(PortalId portal, RegistrationName name) {
        return registrations.findActive(portal, name).orElseThrow(() -> unknown(portal, name));
    }

    static ProblemException unknown(PortalId portal, RegistrationName name) {
        return new ProblemException(AssignmentProblem.REGISTRATION_UNKNOWN, portal, name);
    }

    private Assignment find(Registration registration, UUID id) {
        return assignments.find(registration, id).orElseThrow(() -> unknown(id));
    }

    private static ProblemException unknown(UUID id) {
        return new ProblemException(AssignmentProblem.ASSIGNMENT_UNKNOWN, id);
    }
}
