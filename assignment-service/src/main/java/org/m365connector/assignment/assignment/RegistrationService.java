package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jboss.logging.Logger;
import org.m365connector.assignment.history.Actor;
import org.m365connector.assignment.history.Cause;
import org.m365connector.assignment.history.History;
import org.m365connector.assignment.user.GonePortals;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;

/** Follows the life of registrations: what everybody begins with, and the end. */
@ApplicationScoped
class RegistrationService {
    private static final Logger LOG = Logger.getLogger(RegistrationService.class);

    /** More entries of a history are gone through in steps. */
    private static final int FORGOTTEN_AT_ONCE = 1000;

    private final Registrations registrations;
    private final Assignments assignments;
    private final TakenImports taken;
    private final Endings endings;
    private final EndedAssignments ended;
    private final EffectiveAssignments effective;
    private final Consequences consequences;
    private final History history;
    private final PortalLock locks;
    private final GonePortals gonePortals;
    private final Clock clock;

    RegistrationService(
            Registrations registrations,
            Assignments assignments,
            TakenImports taken,
            Endings endings,
            EndedAssignments ended,
            EffectiveAssignments effective,
            Consequences consequences,
            History history,
            PortalLock locks,
            GonePortals gonePortals,
            Clock clock) {
        this.registrations = registrations;
        this.assignments = assignments;
        this.taken = taken;
        this.endings = endings;
        this.ended = ended;
        this.effective = effective;
        this.consequences = consequences;
        this.history = history;
        this.locks = locks;
        this.gonePortals = gonePortals;
        this.clock = clock;
    }

    @Transactional
    boolean knows(PortalId portal, RegistrationName name) {
        return registrations.findActive(portal, name).isPresent();
    }

    /** Whether it is made, and the one of that name before it still ending. */
    @Transactional
    boolean isToBegin(PortalId portal, RegistrationName name) {
        return registrations
                .findByIdOptional(Registration.Id.of(portal, name))
                .filter(Registration::isToBegin)
                .isPresent();
    }

    /** What is older than what is known already changes nothing, nor what is older than the end of the portal. */
    @Transactional
    void told(RegistrationRecord told) {
        locks.exclude(told.portalId());
        if (gonePortals.isOfBefore(told.portalId(), told.version())) {
            return;
        }
        var registration = registrations
                .findLocked(told.portalId(), told.registration())
                .orElseGet(() -> made(new Registration(told.portalId(), told.registration())));
        if (!registration.advanceTo(told.version())) {
            return;
        }
        var isOtherField = registration.takeUpnFrom(told.upnField());
        switch (told.state()) {
            case DRAFT -> {}
            case ENDING -> {
                // Whoever takes its subscriptions down acts as somebody until they are gone; the proxy lets in nobody
                // else.
            }
            case COMPLETE -> {
                if (!registration.active() && endings.isEnding(told.portalId(), told.registration())) {
                    registration.beginLater(told);
                } else if (!complete(registration, told) && isOtherField) {
                    // Whoever's own mailbox is assigned has another one now.
                    consequences.everybodysRuleChanged(registration);
                }
            }
        }
    }

    /**
     * Without a version, from an operator's hand, it counts as newer than all before. It may be read in front of what was told before: that is
     * not to make the registration.
     */
    @Transactional
    void gone(PortalId portal, RegistrationName name, OptionalLong version) {
        locks.exclude(portal);
        registrations
                .findLocked(portal, name)
                .or(() -> version.isPresent() ? Optional.of(made(Registration.ended(portal, name))) : Optional.empty())
                .filter(registration -> version.isEmpty() || registration.advanceTo(version.getAsLong()))
                .ifPresent(this::end);
    }

    /**
     * The portal is gone, and with it its registrations and whoever is named in their histories. What was told of one since is of the portal
     * that has been onboarded again.
     *
     * @param version of the end; without one it is newer than all
     */
    @Transactional
    void portalGone(PortalId portal, OptionalLong version) {
        locks.exclude(portal);
        var newest = version.orElse(Long.MAX_VALUE);
        registrations.lockActive(portal).stream()
                .filter(registration -> registration.isAsOf(newest))
                .forEach(this::end);
        registrations.all(portal).stream()
                .filter(registration -> registration.isAsOf(newest))
                .forEach(this::forget);
    }

    /** What is still there of its registrations goes on without those people. */
    @Transactional
    void peopleForgotten(PortalId portal) {
        locks.exclude(portal);
        registrations.lockActive(portal).forEach(consequences::everybodysRuleChanged);
    }

    private void forget(Registration registration) {
        registration.end();
        if (endings.isEnding(registration.portal(), registration.name())
                || history.forgetSome(registration.portal(), registration.name(), 0, FORGOTTEN_AT_ONCE)
                        .isPresent()) {
            endings.begin(registration, true);
        }
    }

    /** Its last assignment has gone. One of the same name begins, if it has been made meanwhile. */
    @Transactional
    void over(Ending ending) {
        locks.exclude(ending.portal());
        var registration = registrations
                .findLocked(ending.portal(), ending.registration())
                .orElseThrow(() -> new IllegalStateException("a registration ended that never was"));
        if (endings.over(ending)) {
            registration.beginning().ifPresent(told -> complete(registration, told));
        }
    }

    private Registration made(Registration registration) {
        registrations.persist(registration);
        return registration;
    }

    /** @return whether this is its beginning */
    private boolean complete(Registration registration, RegistrationRecord told) {
        if (!registration.initialise()) {
            return false;
        }
        giveUnlessGiven(registration, Principal.DEFAULT, Accounts.OWN);
        // Where only personal accounts come in there is no service account: everybody has his own, the administrator
        // too.
        if (told.accountTypes() != AccountTypes.PERSONAL) {
            giveUnlessGiven(registration, Principal.user(told.administrator()), Accounts.OWN_AND_SERVICE);
        }
        effective.workOut(registration, told.administrator());
        consequences.everybodysRuleChanged(registration);
        LOG.infof(
                "registration begins portal=%s registration=%s administrator=%s",
                told.portalId(), told.registration(), told.administrator());
        return true;
    }

    private void giveUnlessGiven(Registration registration, Principal principal, Accounts accounts) {
        if (assignments.of(registration, principal).isEmpty()) {
            var given = new Assignment(registration, principal, accounts, clock.instant());
            assignments.persistAndFlush(given);
            history.made(List.of(given.id()), Cause.of(Actor.system("registration"), RegistrationRecord.MADE));
        }
    }

    private void end(Registration registration) {
        if (!registration.active()) {
            // Nor does one of its name begin that has been made while it ended.
            registration.end();
            return;
        }
        registration.end();
        if (taken.under(registration.portal(), registration.name()).isPresent()
                || !ended.areFew(registration, EndingSteps.AT_ONCE)) {
            endings.begin(registration, false);
        } else {
            ended.remove(registration);
        }
        consequences.everybodysRuleChanged(registration);
        LOG.infof("registration ends portal=%s registration=%s", registration.portal(), registration.name());
    }
}
