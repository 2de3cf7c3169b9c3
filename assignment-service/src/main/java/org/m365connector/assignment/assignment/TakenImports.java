package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * Imports of which it is decided that they take effect, and whose rows are still on their way to the table of assignments.
 *
 * <ol>
 *   <li>A row counts from the decision on, in the place of what stands in the table for the same principal.
 *   <li>Whoever changes the assignment of a principal {@linkplain #settle settles} its row first: he comes after the import.
 *   <li>Who has a row's lock moves it. The others, and whoever has nothing to do with it, go on meanwhile.
 * </ol>
 */
@ApplicationScoped
class TakenImports {
    /** Query for the one of a registration. */
    static final String ID = """
            select id from assignment_import where portal_id = :portal and registration = :registration
            and taken_at is not null and state = 'WRITING'""";

    private static final String SAME_PRINCIPAL =
            "a.portal_id = :portal and a.registration = :registration and a.principal_kind = r.kind and a.principal_id = r.id";

    /**
     * Moves the rows {@code due}, and notes in the history what that did. Where accounts are ending, an assignment has been shown without
     * them, with the version that it would have had then: it gets one behind that.
     */
    private static final String MOVE =
            """
            , moved as (delete from import_row i using due r where i.import_id = :import and i.kind = r.kind and i.id = r.id),
            removed as (delete from assignment a using due r where r.accounts is null and %1$s returning a.*),
            changed as (
              update assignment a set accounts = r.accounts, default_account = r.default_account, narrowing = %2$s,
                version = a.version + 1 + (select count(*) from (%4$s and e.account = any (a.accounts)) ended), changed_at = :now
              from due r where r.accounts is not null and %1$s and %3$s returning a.*),
            made as (
              insert into assignment (id, portal_id, registration, principal_kind, principal_id, accounts, default_account,
                narrowing, version, changed_at)
              select assignment_id, :portal, :registration, kind, id, accounts, default_account, coalesce(narrowing, '{}'), 1, :now
              from due r where accounts is not null and not exists (select 1 from assignment a where %1$s)
              returning *),
            noted as (
              insert into assignment_history (portal_id, registration, assignment_id, at, what, version, principal_kind,
                principal_id, accounts, default_account, narrowing, actor_kind, actor, reason)
              select done.portal_id, done.registration, done.id, :now, done.what, done.version, principal_kind, principal_id,
                accounts, default_account, narrowing, i.actor_kind, i.actor,
                'import ' || i.id || coalesce(': ' || i.reason, '')
              from (select *, 'REMOVED' what from removed union all select *, 'CHANGED' from changed
                union all select *, 'MADE' from made) done
              join assignment_import i on i.id = :import)
            select (select count(*) from due)""".formatted(SAME_PRINCIPAL, ImportMerge.NARROWING_OF_EXISTING, ImportMerge.DIFFERS, Endings.UNDER);

    private static final String DUE = """
            with due as (
              select kind, id, assignment_id, accounts, default_account, narrowing from import_row
              where import_id = :import""";

    private final EntityManager entities;
    private final Clock clock;

    TakenImports(EntityManager entities, Clock clock) {
        this.entities = entities;
        this.clock = clock;
    }

    /** Of that registration, whose rows have not all been moved. */
    Optional<UUID> under(PortalId portal, RegistrationName registration) {
        return session()
                .createNativeQuery(ID, UUID.class)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .getResultStream()
                .findFirst();
    }

    /**
     * Decides it. The caller has the registration alone.
     *
     * @return whether it is still waited for: not after it has been given up for dead
     */
    boolean take(UUID id) {
        return entities.createNativeQuery("""
                                update assignment_import set taken_at = statement_timestamp(), updated_at = statement_timestamp()
                                where id = :id and state = 'WRITING'""").setParameter("id", id).executeUpdate() == 1;
    }

    /** What a row says: these accounts, or that there is no such assignment any more. */
    record Row(UUID assignmentId, Optional<Accounts> accounts, boolean leavesNarrowing) {
        Optional<Rule> over(Principal principal, Optional<Rule> existing) {
            return accounts.map(said -> new Rule(
                    existing.map(Rule::id).orElse(assignmentId),
                    principal,
                    leavesNarrowing
                            ? existing.map(rule -> said.narrowedAs(rule.accounts()))
                                    .orElse(said)
                            : said));
        }
    }

    /** Rows that count for these. Read before the assignments: a row that is moved in between is found there. */
    Map<Principal, Row> applying(
            Registration registration, Collection<String> users, Collection<String> groups, Collection<String> roles) {
        var taken = under(registration.portal(), registration.name());
        if (taken.isEmpty()) {
            return Map.of();
        }
        var found = new HashMap<Principal, Row>();
        session()
                .createNativeQuery("""
                        select kind, id, assignment_id, array_to_string(accounts, ' '), default_account, cast(narrowing as text)
                        from import_row where import_id = :import and (kind = 'DEFAULT'
                        or (kind = 'USER' and id = any (cast(:users as text[])))
                        or (kind = 'GROUP' and id = any (cast(:groups as text[])))
                        or (kind = 'ROLE' and id = any (cast(:roles as text[]))))""", Object[].class)
                .setParameter("import", taken.get())
                .setParameter("users", users.toArray(String[]::new))
                .setParameter("groups", groups.toArray(String[]::new))
                .setParameter("roles", roles.toArray(String[]::new))
                .getResultList()
                .forEach(row -> found.put(
                        new Principal(Principal.Kind.valueOf((String) row[0]), (String) row[1]),
                        new Row((UUID) row[2], accounts(row), row[5] == null)));
        return found;
    }

    private static Optional<Accounts> accounts(Object[] row) {
        if (row[3] == null) {
            return Optional.empty();
        }
        return Optional.of(new Accounts(
                List.of(((String) row[3]).split(" ", -1)).stream()
                        .map(AccountName::new)
                        .toList(),
                new AccountName((String) row[4]),
                row[5] == null ? Map.of() : NarrowingJson.read((String) row[5])));
    }

    /** What a taken import says of that principal stands in the table afterwards, if it did not yet. The caller has the registration's lock. */
    void settle(Registration registration, Principal principal) {
        under(registration.portal(), registration.name()).ifPresent(taken -> session()
                .createNativeQuery(DUE + " and kind = :kind and id = :id for update)" + MOVE, Long.class)
                .setParameter("import", taken)
                .setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value())
                .setParameter("kind", principal.kind().name())
                .setParameter("id", principal.id())
                .setParameter("now", clock.instant())
                .getSingleResult());
    }

    /**
     * Where a process is on its way through the rows: where rows were, nothing is to be looked through once more.
     *
     * @param moved how many it has moved in its last step
     */
    record Place(String kind, String id, long moved) {
        static final Place BEGIN = new Place("", "", 0);
    }

    /** Moves the next rows, but for those that somebody is at. */
    Place move(UUID id, PortalId portal, RegistrationName registration, Place from, int atMost) {
        var row = session()
                .createNativeQuery(
                        DUE + " and (kind, id) > (:kind, :id) order by kind, id limit :most for update skip locked)"
                                + MOVE
                                + ", (select kind from due order by kind desc, id desc limit 1),"
                                + " (select id from due order by kind desc, id desc limit 1)",
                        Object[].class)
                .setParameter("import", id)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("kind", from.kind())
                .setParameter("id", from.id())
                .setParameter("most", atMost)
                .setParameter("now", clock.instant())
                .getSingleResult();
        long moved = ((Number) row[0]).longValue();
        return moved == 0 ? Place.BEGIN : new Place((String) row[1], (String) row[2], moved);
    }

    /** Whether one that is on its way would assign that account. */
    boolean name(Registration registration, AccountName account) {
        return session()
                .createNativeQuery(
                        "select exists (select 1 from import_row where import_id = (" + ID
                                + ") and accounts @> array[cast(:account as text)])",
                        Boolean.class)
                .setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value())
                .setParameter("account", account.value())
                .getSingleResult();
    }

    boolean hasRows(UUID id) {
        return session()
                .createNativeQuery("select exists (select 1 from import_row where import_id = :import)", Boolean.class)
                .setParameter("import", id)
                .getSingleResult();
    }

    private Session session() {
        return entities.unwrap(Session.class);
    }
}
