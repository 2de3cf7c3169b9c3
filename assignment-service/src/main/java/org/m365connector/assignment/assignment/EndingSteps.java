package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import org.m365connector.assignment.history.History;
import org.m365connector.assignment.user.PortalLock;

/**
 * Takes what has ended out of its assignments, a few at a time.
 *
 * <ol>
 *   <li>It counts from the moment on in which it is written down ({@link Endings}): rules are read without it ({@link ApplyingRules}),
 *       and it is shown nowhere. Where few assignments name it, they end in that transaction, and nothing is written down.
 *   <li>Else they are gone through in the order of their principals, each time some in a transaction of its own that notes how far it has
 *       come: a kill loses at most the one under way.
 *   <li>Whoever has the row of the ending does the next step, so replicas share the work and none does it twice.
 *   <li>A step shares the registration's lock, as those do who change a single user's rule: they go on meanwhile. Whoever changes the
 *       assignment of a principal {@linkplain EndedAssignments#settle settles} it first: he comes after the end.
 *   <li>No step is done while an import is on its way: each would write over what the other does. None begins during a step, for that
 *       needs the registration alone.
 * </ol>
 */
@ApplicationScoped
class EndingSteps {
    /** In the transaction in which the end is heard. */
    static final int AT_ONCE = 100;

    /** Whoever changes a rule that users share waits until they are done: less than a tenth of a second. */
    private static final int IN_A_STEP = 500;

    private final Endings endings;
    private final EndedAssignments assignments;
    private final TakenImports taken;
    private final Registrations registrations;
    private final RegistrationService service;
    private final PortalLock locks;
    private final History history;
    private final EntityManager entities;

    EndingSteps(
            Endings endings,
            EndedAssignments assignments,
            TakenImports taken,
            Registrations registrations,
            RegistrationService service,
            PortalLock locks,
            History history,
            EntityManager entities) {
        this.endings = endings;
        this.assignments = assignments;
        this.taken = taken;
        this.registrations = registrations;
        this.service = service;
        this.locks = locks;
        this.history = history;
        this.entities = entities;
    }

    /** What became of a step. */
    enum Step {
        SOME,
        LAST,
        /** Another replica is at it, or it is over. */
        NONE,
        /** Something else has to come to its end first. */
        WAITS
    }

    /** How many assignments it is for, as soon as that is sure. Nothing is locked, so nobody waits for it. */
    @Transactional
    void count(Ending ending) {
        if (!ending.isCounted()
                && taken.under(ending.portal(), ending.registration()).isEmpty()) {
            endings.count(ending);
        }
    }

    /** @throws RuntimeException also where somebody holds for long what it needs; see {@link Endings#putOff} */
    @Transactional
    Step step(Ending ending) {
        limitWaiting();
        locks.share(ending.portal());
        var registration = registrations
                .share(ending.portal(), ending.registration())
                .orElseThrow(() -> new IllegalStateException("something ends under a registration that never was"));
        var held = endings.hold(ending);
        if (held.isEmpty()) {
            return Step.NONE;
        }
        if (taken.under(ending.portal(), ending.registration()).isPresent()) {
            return Step.WAITS;
        }
        var place = held.get();
        var progress = ending.account()
                .map(account -> assignments.takeOut(registration, account, place, IN_A_STEP))
                .orElseGet(() -> assignments.remove(registration, place, IN_A_STEP));
        endings.stepped(ending, progress.to(), progress.ended());
        if (!progress.isLast()) {
            return Step.SOME;
        }
        if (ending.account().isPresent()) {
            endings.over(ending);
            return Step.LAST;
        }
        return ending.forgets() ? forget(ending, progress.to()) : Step.LAST;
    }

    private Step forget(Ending ending, Ending.Place place) {
        var to = history.forgetSome(ending.portal(), ending.registration(), place.entry(), IN_A_STEP);
        to.ifPresent(entry -> endings.stepped(ending, new Ending.Place(place.kind(), place.id(), entry), 0));
        return to.isPresent() ? Step.SOME : Step.LAST;
    }

    /** No assignment is left of a registration that has ended. */
    @Transactional
    void over(Ending ending) {
        limitWaiting();
        service.over(ending);
    }

    /** The one thread that does the work of all portals is not kept by a lock of one of them. */
    private void limitWaiting() {
        entities.createNativeQuery("set local lock_timeout = '500ms'").executeUpdate();
    }
}
