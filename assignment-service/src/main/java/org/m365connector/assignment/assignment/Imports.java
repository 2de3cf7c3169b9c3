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
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/**
 * The progress of imports, for whoever looks from outside: each step is committed by itself. Times are the database's, so clocks of
 * machines do not matter.
 */
@ApplicationScoped
class Imports {
    private static final int SHOWN = 20;

    private final EntityManager entities;
    private final TransferConfig config;
    private final PortalLock locks;
    private final Registrations registrations;

    Imports(EntityManager entities, TransferConfig config, PortalLock locks, Registrations registrations) {
        this.entities = entities;
        this.config = config;
        this.locks = locks;
        this.registrations = registrations;
    }

    /** @throws ProblemException {@code registration-unknown} where it has ended since it was looked for */
    @Transactional(TxType.REQUIRES_NEW)
    void begin(AssignmentImport.Order order) {
        // Who removes a user looks for imports under way, behind this lock: none that begins now is overlooked.
        locks.exclude(order.portal());
        if (registrations.findActive(order.portal(), order.registration()).isEmpty()) {
            throw AssignmentService.unknown(order.portal(), order.registration());
        }
        entities.createNativeQuery("""
                        delete from assignment_import where portal_id = :portal and registration = :registration
                        and (state in ('DONE', 'FAILED') or (updated_at < statement_timestamp() - :silence * interval '1 millisecond'
                        and (taken_at is null or state <> 'WRITING')))
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

    /** How far it has come. */
    @Transactional(TxType.REQUIRES_NEW)
    void say(UUID id, ImportView.State state, long rows) {
        entities.createNativeQuery("""
                        update assignment_import set state = :state, rows = :rows, updated_at = statement_timestamp()
                        where id = :id and state in ('READING', 'WRITING')""")
                .setParameter("id", id)
                .setParameter("state", state.name())
                .setParameter("rows", rows)
                .executeUpdate();
    }

    /** It has ended like this, unless it was decided that it takes effect. Nothing is kept of its rows. */
    @Transactional(TxType.REQUIRES_NEW)
    void ended(UUID id, ImportView.State state) {
        if (isTaken(id)) {
            return;
        }
        entities.createNativeQuery("""
                        update assignment_import set state = :state, updated_at = statement_timestamp()
                        where id = :id and taken_at is null and state in ('READING', 'WRITING')""")
                .setParameter("id", id)
                .setParameter("state", state.name())
                .executeUpdate();
        forgetRows(id);
    }

    private boolean isTaken(UUID id) {
        return session()
                .createNativeQuery(
                        "select exists (select 1 from assignment_import where id = :id and taken_at is not null)",
                        Boolean.class)
                .setParameter("id", id)
                .getSingleResult();
    }

    /** All its rows stand where they belong. In the transaction that makes it true. */
    @Transactional(TxType.MANDATORY)
    void done(UUID id) {
        entities.createNativeQuery("""
                        update assignment_import set state = 'DONE', updated_at = statement_timestamp()
                        where id = :id and state = 'WRITING'""").setParameter("id", id).executeUpdate();
        forgetRows(id);
    }

    private void forgetRows(UUID id) {
        for (var table : List.of("import_row", "import_removed_user")) {
            entities.createNativeQuery("delete from " + table + " where import_id = :id")
                    .setParameter("id", id)
                    .executeUpdate();
        }
    }

    /** Rows of imports that nobody knows of: their portal ended, and then their process was killed. */
    @Transactional(TxType.REQUIRES_NEW)
    void forgetStrayRows() {
        for (var table : List.of("import_row", "import_removed_user")) {
            entities.createNativeQuery(
                            "delete from " + table + " where import_id not in (select id from assignment_import)")
                    .executeUpdate();
        }
    }

    /** Whose process was killed before it was decided. */
    @Transactional(TxType.REQUIRES_NEW)
    void endAbandoned() {
        session()
                .createNativeQuery("""
                        update assignment_import set state = 'FAILED'
                        where taken_at is null and state in ('READING', 'WRITING')
                        and updated_at < statement_timestamp() - :silence * interval '1 millisecond' returning id""", UUID.class)
                .setParameter("silence", config.silence().toMillis())
                .getResultList()
                .forEach(this::forgetRows);
    }

    /** Of which it was decided that it takes effect. */
    record Abandoned(UUID id, PortalId portal, RegistrationName registration) {}

    /** Whose process was killed afterwards. */
    @Transactional(TxType.REQUIRES_NEW)
    List<Abandoned> abandoned() {
        return session()
                .createNativeQuery("""
                        select id, portal_id, registration from assignment_import
                        where taken_at is not null and state = 'WRITING'
                        and updated_at < statement_timestamp() - :silence * interval '1 millisecond'""", Object[].class)
                .setParameter("silence", config.silence().toMillis())
                .getResultStream()
                .map(row -> new Abandoned(
                        (UUID) row[0], new PortalId((String) row[1]), new RegistrationName((String) row[2])))
                .toList();
    }

    /** A file that is being read must not bring this one back. The caller has the portal's lock, with others or alone. */
    @Transactional(TxType.MANDATORY)
    void removed(PortalId portal, PortalUser user) {
        entities.createNativeQuery("""
                        insert into import_removed_user (import_id, portal_user)
                        select id, :user from assignment_import
                        where portal_id = :portal and taken_at is null and state in ('READING', 'WRITING')
                        on conflict do nothing""")
                .setParameter("portal", portal.value())
                .setParameter("user", user.value())
                .executeUpdate();
    }

    /** These still run. */
    @Transactional(TxType.REQUIRES_NEW)
    void live(Collection<UUID> ids) {
        entities.createNativeQuery(
                        "update assignment_import set updated_at = statement_timestamp() where id = any(cast(:ids as uuid[]))")
                .setParameter("ids", ids.stream().map(UUID::toString).toArray(String[]::new))
                .executeUpdate();
    }

    /** The latest first. */
    @Transactional
    List<ImportView> of(PortalId portal, RegistrationName registration) {
        var found = session()
                .createNativeQuery("""
                        select id, state, rows, started_at, updated_at, actor_kind, actor, reason,
                        state in ('READING', 'WRITING') and taken_at is null
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

    private Session session() {
        return entities.unwrap(Session.class);
    }
}
