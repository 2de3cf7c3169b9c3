package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import org.m365connector.assignment.history.Cause;
import org.m365connector.assignment.history.History;
import org.m365connector.assignment.user.GroupKind;
import org.m365connector.assignment.user.UserDependents;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/** For whom what each change means. */
@ApplicationScoped
class Consequences implements UserDependents {
    private final Registrations registrations;
    private final Assignments assignments;
    private final TakenImports taken;
    private final EndedAssignments ended;
    private final Imports imports;
    private final EffectiveAssignments effective;
    private final Recalculations recalculations;
    private final History history;

    Consequences(
            Registrations registrations,
            Assignments assignments,
            TakenImports taken,
            EndedAssignments ended,
            Imports imports,
            EffectiveAssignments effective,
            Recalculations recalculations,
            History history) {
        this.registrations = registrations;
        this.assignments = assignments;
        this.taken = taken;
        this.ended = ended;
        this.imports = imports;
        this.effective = effective;
        this.recalculations = recalculations;
        this.history = history;
    }

    @Override
    public void lock(PortalId portal) {
        registrations.shareActive(portal);
    }

    @Override
    public void lockAlone(PortalId portal) {
        registrations.lockActive(portal);
    }

    @Override
    public void changed(PortalId portal, PortalUser user) {
        registrations.shareActive(portal).forEach(registration -> effective.workOut(registration, user));
    }

    @Override
    public void removed(PortalId portal, PortalUser user, Cause cause) {
        // Also of one whom the portal never told of: somebody may be at his rule.
        registrations.shareActive(portal).forEach(registration -> effective.hold(registration, user));
        imports.removed(portal, user);
        end(portal, Principal.user(user), cause);
        history.forget(portal, user);
        registrations.shareActive(portal).forEach(registration -> effective.workOut(registration, user));
    }

    @Override
    public void groupChanged(PortalId portal, GroupKind kind, String id) {
        registrations
                .lockActive(portal)
                .forEach(registration -> recalculations.begin(registration, principal(kind, id)));
    }

    @Override
    public void groupRemoved(PortalId portal, GroupKind kind, String id, Cause cause) {
        end(portal, principal(kind, id), cause);
        groupChanged(portal, kind, id);
    }

    @Override
    public void technicalUserChanged(PortalId portal) {
        registrations
                .shareActive(portal)
                .forEach(registration -> effective.workOut(registration, AssignmentsRecord.DEFAULT));
    }

    /**
     * After an assignment of that principal was made, changed or removed.
     *
     * @return whether it matters for more users than could be told at once
     */
    boolean ruleChanged(Registration registration, Principal principal) {
        assignments.flush();
        return switch (principal.kind()) {
            case USER -> {
                effective.workOut(registration, new PortalUser(principal.id()));
                yield false;
            }
            case GROUP, ROLE -> recalculations.begin(registration, principal);
            case DEFAULT -> everybodysRuleChanged(registration);
        };
    }

    /** Everything under this registration is to be worked out from the beginning. */
    boolean everybodysRuleChanged(Registration registration) {
        assignments.flush();
        effective.workOut(registration, AssignmentsRecord.DEFAULT);
        return recalculations.begin(registration, Principal.DEFAULT);
    }

    private void end(PortalId portal, Principal principal, Cause cause) {
        // What an import that is on its way says of it ends as well; and nobody comes to it any more of those who are
        // about to.
        registrations.shareActive(portal).forEach(registration -> {
            taken.settle(registration, principal);
            ended.settle(registration, principal);
        });
        ended.removeWhereEnding(portal, principal);
        var removed = registrations.shareActive(portal).stream()
                .flatMap(registration -> assignments.of(registration, principal).stream())
                .toList();
        history.removed(removed.stream().map(Assignment::id).toList(), cause);
        removed.forEach(assignments::delete);
        assignments.flush();
    }

    private static Principal principal(GroupKind kind, String id) {
        return switch (kind) {
            case GROUP -> new Principal(Principal.Kind.GROUP, id);
            case ROLE -> new Principal(Principal.Kind.ROLE, id);
        };
    }
}
