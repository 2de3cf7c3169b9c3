package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.util.Set;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;
import org.m365connector.assignment.history.Actor;
import org.m365connector.assignment.history.Cause;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;

/**
 * Takes out of the table of assignments what has ended, and notes it in the history. An account leaves the assignments that name it
 * besides others; one whose default it was ends, for another account must not act in its place unasked.
 */
@ApplicationScoped
class EndedAssignments {
    private static final Cause OF_ACCOUNT = Cause.of(Actor.system("account"), "the static account is gone");
    private static final Cause OF_REGISTRATION = Cause.of(Actor.system("registration"), "the registration ends");

    private static final String UNDER = "a.portal_id = :portal and a.registration = :registration";

    /** The next ones, in the order of the key. */
    private static final String SEEN = """
            with seen as (
              select id, principal_kind, principal_id from assignment a
              where %s and (principal_kind, principal_id) > (:kind, :id)
              order by principal_kind, principal_id limit :most)""".formatted(UNDER);

    /** Not by the index of accounts, which would find all of them for each step. */
    private static final String NAMES_IT = "cast(:account as text) = any (a.accounts)";

    /** By that index. */
    private static final String ALL_NAMING_IT = "a.accounts @> array[cast(:account as text)]";

    private static final String TAKE_OUT = """
            , removed as (
              delete from assignment a using due where a.id = due.id and a.default_account = :account returning a.*),
            changed as (
              update assignment a set accounts = array_remove(a.accounts, cast(:account as text)),
                narrowing = a.narrowing - cast(:account as text), version = a.version + 1, changed_at = :now
              from due where a.id = due.id and a.default_account <> :account returning a.*),
            done as (select *, 'REMOVED' what from removed union all select *, 'CHANGED' from changed)""";

    private static final String REMOVE = """
            , removed as (delete from assignment a using due where a.id = due.id returning a.*),
            done as (select *, 'REMOVED' what from removed)""";

    private static final String NOTE = """
            , noted as (
              insert into assignment_history (portal_id, registration, assignment_id, at, what, version, principal_kind,
                principal_id, accounts, default_account, narrowing, actor_kind, actor, reason)
              select portal_id, registration, id, :now, what, version, principal_kind, principal_id, accounts, default_account,
                narrowing, :actorKind, :actor, :reason
              from done order by principal_kind, principal_id)""";

    private static final String HOW_FAR = """
             select (select count(*) from seen), (select count(*) from done),
              (select principal_kind from seen order by principal_kind desc, principal_id desc limit 1),
              (select principal_id from seen order by principal_kind desc, principal_id desc limit 1)""";

    private final EntityManager entities;
    private final Endings endings;
    private final Clock clock;

    EndedAssignments(EntityManager entities, Endings endings, Clock clock) {
        this.entities = entities;
        this.endings = endings;
        this.clock = clock;
    }

    /**
     * What was done in a step.
     *
     * @param to the last one that was looked at
     * @param ended how many have ended or changed
     * @param isLast whether there is none behind them
     */
    record Progress(Ending.Place to, long ended, boolean isLast) {}

    /**
     * Takes the account out of the next ones, each of which has one version more then. The caller shares the registration's lock, and no
     * import is on its way.
     */
    Progress takeOut(Registration registration, AccountName account, Ending.Place after, int atMost) {
        var due = """
                , due as (
                  select a.id from assignment a join seen on seen.id = a.id where %s
                  order by a.principal_kind, a.principal_id for update of a)""".formatted(NAMES_IT);
        return step(
                filled(SEEN + due + TAKE_OUT + NOTE + HOW_FAR, Object[].class, registration, OF_ACCOUNT)
                        .setParameter("account", account.value()),
                after,
                atMost);
    }

    /** The next ones end with their registration. */
    Progress remove(Registration registration, Ending.Place after, int atMost) {
        var due = ", due as (select a.id from assignment a join seen on seen.id = a.id"
                + " order by a.principal_kind, a.principal_id for update of a)";
        return step(
                filled(SEEN + due + REMOVE + NOTE + HOW_FAR, Object[].class, registration, OF_REGISTRATION),
                after,
                atMost);
    }

    private static Progress step(NativeQuery<Object[]> query, Ending.Place after, int atMost) {
        var row = query.setParameter("kind", after.kind())
                .setParameter("id", after.id())
                .setParameter("most", atMost)
                .getSingleResult();
        return new Progress(
                row[2] == null ? after : new Ending.Place((String) row[2], (String) row[3], after.entry()),
                ((Number) row[1]).longValue(),
                ((Number) row[0]).longValue() < atMost);
    }

    /** Whether so few name it that it can be taken out of all of them at once. */
    boolean areFew(Registration registration, AccountName account, int few) {
        return fewer(registration, " and " + ALL_NAMING_IT, few)
                .setParameter("account", account.value())
                .getSingleResult();
    }

    /** Whether there are so few at all. */
    boolean areFew(Registration registration, int few) {
        return fewer(registration, "", few).getSingleResult();
    }

    private NativeQuery<Boolean> fewer(Registration registration, String which, int few) {
        return session()
                .createNativeQuery(
                        "select count(*) <= :few from (select 1 from assignment a where " + UNDER + which
                                + " limit :few + 1) found",
                        Boolean.class)
                .setParameter("few", few)
                .setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value());
    }

    /**
     * Takes the account out of all that name it. The caller has the registration alone.
     *
     * @return how many
     */
    long takeOut(Registration registration, AccountName account) {
        var due = "with due as (select a.id from assignment a where " + UNDER + " and " + ALL_NAMING_IT + ")";
        return filled(due + TAKE_OUT + NOTE + " select count(*) from done", Long.class, registration, OF_ACCOUNT)
                .setParameter("account", account.value())
                .getSingleResult();
    }

    /** All end with their registration. The caller has it alone. */
    void remove(Registration registration) {
        var due = "with due as (select a.id from assignment a where " + UNDER + ")";
        filled(due + REMOVE + NOTE + " select count(*) from done", Long.class, registration, OF_REGISTRATION)
                .getSingleResult();
    }

    /**
     * What has ended is out of that principal's assignment afterwards, if it was not yet, and no step comes to it any more. The caller
     * has the registration's lock, and no row of an import is left for the principal.
     */
    void settle(Registration registration, Principal principal) {
        var due = """
                with due as (
                  select a.id from assignment a where %s and a.principal_kind = :kind and a.principal_id = :id and %s for update)""".formatted(UNDER, NAMES_IT);
        for (var account : ending(registration)) {
            filled(due + TAKE_OUT + NOTE + " select count(*) from done", Long.class, registration, OF_ACCOUNT)
                    .setParameter("account", account.value())
                    .setParameter("kind", principal.kind().name())
                    .setParameter("id", principal.id())
                    .getSingleResult();
        }
    }

    /**
     * That principal's assignments under registrations that are ending have ended afterwards, and nobody writes of them any more. The
     * caller has the portal's lock, with others or alone.
     */
    void removeWhereEnding(PortalId portal, Principal principal) {
        var due = """
                with due as (
                  select a.id from assignment a join ending e
                    on e.portal_id = a.portal_id and e.registration = a.registration and e.account = ''
                  where a.portal_id = :portal and a.principal_kind = :kind and a.principal_id = :id
                  order by a.registration for update of a)""";
        noted(
                        session().createNativeQuery(due + REMOVE + NOTE + " select count(*) from done", Long.class),
                        OF_REGISTRATION)
                .setParameter("portal", portal.value())
                .setParameter("kind", principal.kind().name())
                .setParameter("id", principal.id())
                .getSingleResult();
    }

    private Set<AccountName> ending(Registration registration) {
        return endings.accounts(registration.portal(), registration.name());
    }

    private <T> NativeQuery<T> filled(String sql, Class<T> row, Registration registration, Cause cause) {
        return noted(session().createNativeQuery(sql, row), cause)
                .setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value());
    }

    private <T> NativeQuery<T> noted(NativeQuery<T> query, Cause cause) {
        return query.setParameter("now", clock.instant())
                .setParameter("actorKind", cause.actor().kind().name())
                .setParameter("actor", cause.actor().name())
                .setParameter("reason", cause.reason().orElseThrow());
    }

    private Session session() {
        return entities.unwrap(Session.class);
    }
}
