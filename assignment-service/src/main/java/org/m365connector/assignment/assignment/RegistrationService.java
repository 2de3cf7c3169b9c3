package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.OptionalLong;
import org.jboss.logging.Logger;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;

/** Follows the life of registrations: what everybody begins with, and the end. */
@ApplicationScoped
class RegistrationService {
    private static final Logger LOG = Logger.getLogger(RegistrationService.class);

    private final Registrations registrations;
    private final Assignments assignments;
    private final EffectiveAssignments effective;
    private final PortalLock locks;
    private final Clock clock;

    RegistrationService(
            Registrations registrations,
            Assignments assignments,
            EffectiveAssignments effective,
            PortalLock locks,
            Clock clock) {
        this.registrations = registrations;
        this.assignments = assignments;
        this.effective = effective;
        this.locks = locks;
        this.clock = clock;
    }

    @Transactional
    boolean knows(PortalId portal, RegistrationName name) {
        return registrations.findActive(portal, name).isPresent();
    }

    /** What is older than what is known already changes nothing. */
    @Transactional
    void told(RegistrationRecord told) {
        locks.exclude(told.portalId());
        var registration =
                registrations.findLocked(told.portalId(), told.registration()).orElseGet(() -> made(told));
        if (!registration.advanceTo(told.version())) {
            return;
        }
        switch (told.state()) {
            case DRAFT -> {}
            case COMPLETE -> complete(registration, told);
            case ENDING -> end(registration);
        }
    }

    /** Without a version, from an operator's hand, it counts as newer than all before. */
    @Transactional
    void gone(PortalId portal, RegistrationName name, OptionalLong version) {
        locks.exclude(portal);
        registrations
                .findLocked(portal, name)
                .filter(registration -> version.isEmpty() || registration.advanceTo(version.getAsLong()))
                .ifPresent(this::end);
    }

    private Registration made(RegistrationRecord told) {
        var registration = new Registration(told.portalId(), told.registration());
        registrations.persist(registration);
        return registration;
    }

    private void complete(Registration registration, RegistrationRecord told) {
        if (!registration.initialise()) {
            return;
        }
        giveUnlessGiven(registration, Principal.DEFAULT, Accounts.OWN);
        // Where only personal accounts come in there is no service account: everybody has his own, the administrator
        // too.
        if (told.accountTypes() != AccountTypes.PERSONAL) {
            giveUnlessGiven(registration, Principal.user(told.administrator()), Accounts.OWN_AND_SERVICE);
        }
        effective.begin(registration);
        LOG.infof(
                "registration begins portal=%s registration=%s administrator=%s",
                told.portalId(), told.registration(), told.administrator());
    }

    private void giveUnlessGiven(Registration registration, Principal principal, Accounts accounts) {
        if (assignments.of(registration, principal).isEmpty()) {
            assignments.persist(new Assignment(registration, principal, accounts, clock.instant()));
        }
    }

    private void end(Registration registration) {
        if (!registration.active()) {
            return;
        }
        registration.end();
        effective.end(registration);
        LOG.infof("registration ends portal=%s registration=%s", registration.portal(), registration.name());
    }
}
