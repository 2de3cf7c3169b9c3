package org.m365connector.assignment.assignment;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * Moves the rows of an import that has been taken, some at a time. Whoever changes a rule that users share waits for one step, whoever
 * changes a single user's for nothing but his own row. Two processes may do it at once.
 */
@ApplicationScoped
class ImportSteps {
    private static final int IN_A_STEP = 1000;

    /** So often PostgreSQL counts what there is: who looks for an assignment is not to go through all of them. */
    private static final int STEPS_BETWEEN_COUNTS = 50;

    private static final Duration AFTER_A_STEP = Duration.ofMillis(1);
    private static final Duration WHERE_OTHERS_ARE_AT_IT = Duration.ofMillis(20);

    private final TakenImports taken;
    private final Imports imports;
    private final Registrations registrations;
    private final PortalLock locks;
    private final EntityManager entities;

    ImportSteps(
            TakenImports taken,
            Imports imports,
            Registrations registrations,
            PortalLock locks,
            EntityManager entities) {
        this.taken = taken;
        this.imports = imports;
        this.registrations = registrations;
        this.locks = locks;
        this.entities = entities;
    }

    private enum Step {
        SOME,
        NONE,
        LAST
    }

    /** Where it stands after a step. */
    private record Stepped(Step step, TakenImports.Place place) {}

    /** Returns when all its rows stand in the table. */
    void untilAllIsThere(UUID id, PortalId portal, RegistrationName registration) {
        var place = TakenImports.Place.BEGIN;
        for (int count = 1; ; count++) {
            var stepped = step(id, portal, registration, place);
            place = stepped.place();
            if (stepped.step() == Step.LAST || count % STEPS_BETWEEN_COUNTS == 1) {
                count();
            }
            if (stepped.step() == Step.LAST) {
                return;
            }
            pause(stepped.step() == Step.SOME ? AFTER_A_STEP : WHERE_OTHERS_ARE_AT_IT);
        }
    }

    private Stepped step(UUID id, PortalId portal, RegistrationName registration, TakenImports.Place from) {
        try {
            return QuarkusTransaction.requiringNew().call(() -> {
                // Whoever is at one of the rows is not waited for long: others may be waiting for us.
                entities.createNativeQuery("set local lock_timeout = '500ms'").executeUpdate();
                locks.share(portal);
                if (registrations.shareActive(portal, registration).isEmpty()) {
                    // It has ended, and with it what was on its way.
                    imports.done(id);
                    return new Stepped(Step.LAST, from);
                }
                var to = taken.move(id, portal, registration, from, IN_A_STEP);
                if (to.moved() > 0) {
                    return new Stepped(Step.SOME, to);
                }
                if (taken.hasRows(id)) {
                    // Those that somebody was at: from the beginning.
                    return new Stepped(from.equals(to) ? Step.NONE : Step.SOME, to);
                }
                imports.done(id);
                return new Stepped(Step.LAST, to);
            });
        } catch (RuntimeException e) {
            if (HeldLock.isBehind(e)) {
                return new Stepped(Step.NONE, from);
            }
            throw e;
        }
    }

    private void count() {
        QuarkusTransaction.requiringNew().run(() -> {
            entities.createNativeQuery("analyze assignment").executeUpdate();
            entities.createNativeQuery("analyze assignment_history").executeUpdate();
        });
    }

    static void pause(Duration duration) {
        try {
            TimeUnit.MILLISECONDS.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
