package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;
import org.m365connector.assignment.history.Actor;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * The progress of imports, for whoever looks from outside: each step is committed by itself. Times are the database's, so clocks of
 * machines do not matter.
 */
@ApplicationScoped
class Imports {
    private static final int SHOWN = 20;

    private final EntityManager entities;
    private final TransferConfig config;

    Imports(EntityManager entities, TransferConfig config) {
        this.entities = entities;
        this.config = config;
    }

    @Transactional(TxType.REQUIRES_NEW)
    void begin(AssignmentImport.Order order) {
        entities.createNativeQuery("""
                        delete from assignment_import where portal_id = :portal and registration = :registration
                        and (state in ('DONE', 'FAILED')
                        or updated_at < statement_timestamp() - :silence * interval '1 millisecond')
                        and id not in
                        (select id from assignment_import where portal_id = :portal and registration = :registration
                        order by started_at desc limit :kept)""")
                .setParameter("silence", config.silence().toMillis())
                .setParameter("portal", order.portal().value())
                .setParameter("registration", order.registration().value())
                .setParameter("kept", SHOWN - 1)
                .executeUpdate();
        entities.createNativeQuery("""
                        insert into assignment_import
                        (id, portal_id, registration, state, rows, started_at, updated_at, actor_kind, actor, reason)
                        values (:id, :portal, :registration, 'READING', 0, statement_timestamp(), statement_timestamp(),
                        :actorKind, :actor, :reason)""")
                .setParameter("id", order.id())
                .setParameter("portal", order.portal().value())
                .setParameter("registration", order.registration().value())
                .setParameter("actorKind", order.cause().actor().kind().name())
                .setParameter("actor", order.cause().actor().name())
                .setParameter("reason", order.cause().reason().orElse(null))
                .executeUpdate();
    }

    /** Whatever comes after its end, an import that took effect stays done. */
    @Transactional(TxType.REQUIRES_NEW)
    void say(UUID id, ImportView.State state, long rows) {
        update(id, state, rows);
    }

    /** In the transaction that makes it true. */
    @Transactional(TxType.MANDATORY)
    void done(UUID id, long rows) {
        update(id, ImportView.State.DONE, rows);
    }

    /** These still run. */
    @Transactional(TxType.REQUIRES_NEW)
    void live(Collection<UUID> ids) {
        entities.createNativeQuery(
                        "update assignment_import set updated_at = statement_timestamp() where id = any(cast(:ids as uuid[]))")
                .setParameter("ids", ids.stream().map(UUID::toString).toArray(String[]::new))
                .executeUpdate();
    }

    private void update(UUID id, ImportView.State state, long rows) {
        entities.createNativeQuery("""
                        update assignment_import set state = :state, rows = :rows, updated_at = statement_timestamp()
                        where id = :id and state <> 'DONE'""")
                .setParameter("id", id)
                .setParameter("state", state.name())
                .setParameter("rows", rows)
                .executeUpdate();
    }

    /** The latest first. */
    @Transactional
    List<ImportView> of(PortalId portal, RegistrationName registration) {
        var found = entities.unwrap(Session.class)
                .createNativeQuery("""
                        select id, state, rows, started_at, updated_at, actor_kind, actor, reason,
                        state in ('READING', 'WRITING')
                        and updated_at < statement_timestamp() - :silence * interval '1 millisecond'
                        from assignment_import
                        where portal_id = :portal and registration = :registration order by started_at desc""", Object[].class)
                .setParameter("silence", config.silence().toMillis())
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .getResultList();
        return found.stream().map(Imports::view).toList();
    }

    private static ImportView view(Object[] row) {
        var isAbandoned = (Boolean) row[8];
        return new ImportView(
                (UUID) row[0],
                // Its process was killed. It has not taken effect: that would have been said together with it.
                isAbandoned ? ImportView.State.FAILED : ImportView.State.valueOf((String) row[1]),
                ((Number) row[2]).longValue(),
                (Instant) row[3],
                (Instant) row[4],
                new Actor(Actor.Kind.valueOf((String) row[5]), (String) row[6]),
                Optional.ofNullable((String) row[7]));
    }
}
