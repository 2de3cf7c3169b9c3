package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.assignment.user.KnownUser;
import org.m365connector.assignment.user.KnownUsers;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/** Makes, changes and removes assignments, each in one transaction with all that follows from it. */
@ApplicationScoped
public class AssignmentService {
    private final Registrations registrations;
    private final Assignments assignments;
    private final EffectiveAssignments effective;
    private final KnownUsers users;
    private final PortalLock locks;
    private final Clock clock;

    AssignmentService(
            Registrations registrations,
            Assignments assignments,
            EffectiveAssignments effective,
            KnownUsers users,
            PortalLock locks,
            Clock clock) {
        this.registrations = registrations;
        this.assignments = assignments;
        this.effective = effective;
        this.users = users;
        this.locks = locks;
        this.clock = clock;
    }

    @Transactional
    AssignmentView create(PortalId portal, RegistrationName name, Principal principal, Accounts accounts) {
        var registration = lock(portal, name);
        assignments.of(registration, principal).ifPresent(existing -> {
            throw new ProblemException(AssignmentProblem.ASSIGNMENT_EXISTS, principal, existing.id())
                    .with("id", existing.id());
        });
        var made = new Assignment(registration, principal, accounts, clock.instant());
        assignments.persist(made);
        effective.ruleChanged(registration, principal);
        return made.view();
    }

    @Transactional
    AssignmentView change(
            PortalId portal,
            RegistrationName name,
            UUID id,
            Precondition precondition,
            Optional<Principal> principal,
            Accounts accounts) {
        var registration = lock(portal, name);
        var assignment = find(registration, id);
        precondition.require(assignment.version());
        if (principal.isPresent() && !principal.get().equals(assignment.principal())) {
            throw new ProblemException(AssignmentProblem.PRINCIPAL_FIXED);
        }
        assignment.change(accounts, clock.instant());
        effective.ruleChanged(registration, assignment.principal());
        return assignment.view();
    }

    @Transactional
    void remove(PortalId portal, RegistrationName name, UUID id, Precondition precondition) {
        var registration = lock(portal, name);
        var assignment = find(registration, id);
        precondition.require(assignment.version());
        assignments.delete(assignment);
        effective.ruleChanged(registration, assignment.principal());
    }

    @Transactional
    AssignmentView get(PortalId portal, RegistrationName name, UUID id) {
        return find(known(portal, name), id).view();
    }

    @Transactional
    AssignmentPage list(
            PortalId portal, RegistrationName name, Optional<Principal.Kind> kind, Optional<UUID> after, int size) {
        var found = assignments.page(known(portal, name), kind, after, size + 1);
        var items = found.stream().limit(size).map(Assignment::view).toList();
        return new AssignmentPage(
                items,
                found.size() > size ? Optional.of(items.get(items.size() - 1).id()) : Optional.empty());
    }

    /** The rules that apply to that user under the registration, the one that decides first; empty where he is unknown. */
    @Transactional
    public Optional<List<Rule>> applying(PortalId portal, RegistrationName name, PortalUser portalUser) {
        var registration = known(portal, name);
        var user = users.find(portal, portalUser);
        var groups = user.map(KnownUser::groups).orElse(List.of());
        var roles = user.map(KnownUser::roles).orElse(List.of());
        var rules = EffectiveAssignments.rules(assignments.applying(registration, portalUser, groups, roles));
        if (user.isEmpty() && rules.of(Principal.user(portalUser)).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(rules.applying(portalUser, groups, roles));
    }

    private Registration lock(PortalId portal, RegistrationName name) {
        locks.share(portal);
        return registrations.findActiveLocked(portal, name).orElseThrow(() -> unknown(portal, name));
    }

    private Registration known(PortalId portal, RegistrationName name) {
        return registrations.findActive(portal, name).orElseThrow(() -> unknown(portal, name));
    }

    private static ProblemException unknown(PortalId portal, RegistrationName name) {
        return new ProblemException(AssignmentProblem.REGISTRATION_UNKNOWN, portal, name);
    }

    private Assignment find(Registration registration, UUID id) {
        return assignments
                .find(registration, id)
                .orElseThrow(() -> new ProblemException(AssignmentProblem.ASSIGNMENT_UNKNOWN, id));
    }
}
