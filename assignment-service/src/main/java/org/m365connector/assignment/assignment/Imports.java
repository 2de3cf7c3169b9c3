package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.Session;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** The progress of imports, for whoever looks from outside: each step is committed by itself. */
@ApplicationScoped
class Imports {
    private static final int SHOWN = 20;

    /** Imports that say nothing for so long have ended with their process. */
    private static final long SILENT_SECONDS = 300;

    private final EntityManager entities;
    private final Clock clock;

    Imports(EntityManager entities, Clock clock) {
        this.entities = entities;
        this.clock = clock;
    }

    @Transactional(TxType.REQUIRES_NEW)
    void begin(UUID id, PortalId portal, RegistrationName registration) {
        entities.createNativeQuery("""
                        delete from assignment_import where portal_id = :portal and registration = :registration and id not in
                        (select id from assignment_import where portal_id = :portal and registration = :registration
                        order by started_at desc limit :kept)""")
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("kept", SHOWN - 1)
                .executeUpdate();
        entities.createNativeQuery("""
                        insert into assignment_import (id, portal_id, registration, state, rows, started_at, updated_at)
                        values (:id, :portal, :registration, 'READING', 0, :now, :now)""")
                .setParameter("id", id)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("now", clock.instant())
                .executeUpdate();
    }

    @Transactional(TxType.REQUIRES_NEW)
    void say(UUID id, ImportView.State state, long rows) {
        entities.createNativeQuery(
                        "update assignment_import set state = :state, rows = :rows, updated_at = :now where id = :id")
                .setParameter("id", id)
                .setParameter("state", state.name())
                .setParameter("rows", rows)
                .setParameter("now", clock.instant())
                .executeUpdate();
    }

    /** The latest first. */
    @Transactional
    List<ImportView> of(PortalId portal, RegistrationName registration) {
        var found = entities.unwrap(Session.class)
                .createNativeQuery("""
                        select id, state, rows, started_at, updated_at from assignment_import
                        where portal_id = :portal and registration = :registration order by started_at desc""", Object[].class)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .getResultList();
        return found.stream().map(this::view).toList();
    }

    private ImportView view(Object[] row) {
        var state = ImportView.State.valueOf((String) row[1]);
        var updatedAt = (Instant) row[4];
        var runs = state == ImportView.State.READING || state == ImportView.State.WRITING;
        var silent = updatedAt.isBefore(clock.instant().minusSeconds(SILENT_SECONDS));
        return new ImportView(
                (UUID) row[0],
                // A writing import says nothing until it is through; a killed one never will.
                runs && silent && state == ImportView.State.READING ? ImportView.State.FAILED : state,
                ((Number) row[2]).longValue(),
                (Instant) row[3],
                updatedAt);
    }
}
