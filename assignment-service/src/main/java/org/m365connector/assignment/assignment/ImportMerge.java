package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.time.Clock;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.AccountName;
import org.m365connector.problem.ProblemException;

/** What an import does in the database, in the transaction in which {@link Staging} has put its rows into {@code import_row}. */
@ApplicationScoped
class ImportMerge {
    private static final int TOLD = 100;

    private static final String SAME_PRINCIPAL =
            "a.portal_id = :portal and a.registration = :registration and a.principal_kind = r.kind and a.principal_id = r.id";

    /** Where the file does not speak of it, what was narrowed stays so, as far as the accounts are still assigned. */
    private static final String NARROWING_OF_EXISTING =
            "coalesce(r.narrowing, (select coalesce(jsonb_object_agg(key, value),"
                    + " '{}') from jsonb_each(a.narrowing) where key = any(r.accounts)))";

    private static final String DIFFERS =
            "(a.accounts, a.default_account, a.narrowing) is distinct from (r.accounts, r.default_account, "
                    + NARROWING_OF_EXISTING + ")";

    private static final String NOT_IN_THE_FILE = """
            from assignment a where a.portal_id = :portal and a.registration = :registration and not exists
            (select 1 from import_row r where a.principal_kind = r.kind and a.principal_id = r.id)""";

    private final KnownAccounts accounts;
    private final EntityManager entities;
    private final Clock clock;

    ImportMerge(KnownAccounts accounts, EntityManager entities, Clock clock) {
        this.accounts = accounts;
        this.entities = entities;
        this.clock = clock;
    }

    /** What is loaded waits for its turn as long as it takes: it would be a pity to send all of it again. */
    void load(Staging staging) {
        entities.createNativeQuery("set local lock_timeout = 0").executeUpdate();
        session().doWork(staging::load);
    }

    void findDuplicates(ImportProblems problems) {
        find(problems, "kind, id", """
                select line, lower(kind) || ' ' || id, cast(first_line as text) from (select line, kind, id,
                min(line) over (partition by kind, id) as first_line from import_row) numbered
                where line > first_line order by line limit :told""", UnaryOperator.identity(), AssignmentProblem.IMPORT_DUPLICATE);
    }

    /**
     * What was true when the file was read and is not any more. The registration's lock is held, so that none of it becomes untrue
     * afterwards.
     */
    void findEnded(AssignmentImport.Order order, ImportProblems problems) {
        var names = session()
                .createNativeQuery("select distinct unnest(accounts) from import_row", String.class)
                .getResultStream()
                .map(AccountName::new)
                .toList();
        var gone = accounts.goneForSure(order.portal(), order.registration(), names).stream()
                .map(AccountName::value)
                .toArray(String[]::new);
        if (gone.length > 0) {
            find(
                    problems,
                    "accounts",
                    """
                    select line, account from import_row, unnest(accounts) account
                    where account = any(cast(:gone as text[])) order by line limit :told""",
                    query -> query.setParameter("gone", gone),
                    AssignmentProblem.ACCOUNT_UNKNOWN);
        }
        find(
                problems,
                "kind, id",
                """
                select line, cast(:portal as text), id from import_row join import_known_user using (id)
                where kind = 'USER' and not exists (select 1 from portal_user
                where portal_id = :portal and portal_user = id) order by line limit :told""",
                query -> query.setParameter("portal", order.portal().value()),
                AssignmentProblem.PORTAL_USER_UNKNOWN);
    }

    /** @param sql gives the line, and what the problem's detail speaks of */
    private void find(
            ImportProblems problems,
            String column,
            String sql,
            UnaryOperator<NativeQuery<Object[]>> filled,
            AssignmentProblem type) {
        filled.apply(session().createNativeQuery(sql, Object[].class))
                .setParameter("told", TOLD)
                .getResultList()
                .forEach(row -> problems.add(
                        ((Number) row[0]).longValue(),
                        column,
                        new ProblemException(
                                type,
                                Arrays.stream(row)
                                        .skip(1)
                                        .map(value -> value.toString().strip())
                                        .toArray())));
    }

    ImportResult compare(AssignmentImport.Order order, long rows) {
        var counted = (Object[]) under(order, entities.createNativeQuery("""
                        select count(*) filter (where a.id is null),
                        count(*) filter (where a.id is not null and %s)
                        from import_row r left join assignment a on %s""".formatted(DIFFERS, SAME_PRINCIPAL)))
                .getSingleResult();
        long added = ((Number) counted[0]).longValue();
        long changed = ((Number) counted[1]).longValue();
        long removed = !order.replace()
                ? 0
                : ((Number) under(order, entities.createNativeQuery("select count(*) " + NOT_IN_THE_FILE))
                                .getSingleResult())
                        .longValue();
        return new ImportResult(order.id(), order.dryRun(), rows, added, changed, rows - added - changed, removed);
    }

    /** Without the service account nobody can do anything in the name of the app. */
    void requireAnAdministrator(AssignmentImport.Order order) {
        var held = (Object[]) under(order, entities.createNativeQuery("""
                        select bool_or('service' = any(a.accounts)), bool_or('service' = any(coalesce(r.accounts,
                        case when :replace then '{}' else a.accounts end)))
                        from assignment a left join import_row r on %s
                        where a.portal_id = :portal and a.registration = :registration""".formatted(
                                "a.principal_kind = r.kind and a.principal_id = r.id")))
                .setParameter("replace", order.replace())
                .getSingleResult();
        var inTheFile = (Boolean)
                entities.createNativeQuery("select coalesce(bool_or('service' = any(accounts)), false) from import_row")
                        .getSingleResult();
        if (Boolean.TRUE.equals(held[0]) && !Boolean.TRUE.equals(held[1]) && !inTheFile) {
            throw new ProblemException(AssignmentProblem.LAST_ADMINISTRATOR_ASSIGNMENT);
        }
    }

    void write(AssignmentImport.Order order) {
        if (order.replace()) {
            noted(order, "REMOVED", "delete " + NOT_IN_THE_FILE).executeUpdate();
        }
        noted(order, "CHANGED", """
                        update assignment a set accounts = r.accounts, default_account = r.default_account, narrowing = %s,
                        version = a.version + 1, changed_at = :now from import_row r where %s and %s""".formatted(NARROWING_OF_EXISTING, SAME_PRINCIPAL, DIFFERS))
                .executeUpdate();
        noted(order, "MADE", """
                        insert into assignment as a (id, portal_id, registration, principal_kind, principal_id, accounts,
                        default_account, narrowing, version, changed_at)
                        select gen_random_uuid(), :portal, :registration, kind, id, accounts, default_account,
                        coalesce(narrowing, '{}'), 1, :now from import_row on conflict do nothing""").executeUpdate();
        // Whoever asks next is not answered by way of all that came in, because nobody has counted it yet.
        entities.createNativeQuery("analyze assignment").executeUpdate();
        entities.createNativeQuery("analyze assignment_history").executeUpdate();
        entities.clear();
    }

    /** Does that to assignments {@code a}, and notes in the history what was done, in one statement. */
    private Query noted(AssignmentImport.Order order, String what, String change) {
        var cause = order.cause();
        return under(order, entities.createNativeQuery("""
                        with done as (%s returning a.*)
                        insert into assignment_history (portal_id, registration, assignment_id, at, what, version,
                        principal_kind, principal_id, accounts, default_account, narrowing, actor_kind, actor, reason)
                        select portal_id, registration, id, :now, '%s', version, principal_kind, principal_id, accounts,
                        default_account, narrowing, :actorKind, :actor, :reason from done""".formatted(change, what)))
                .setParameter("now", clock.instant())
                .setParameter("actorKind", cause.actor().kind().name())
                .setParameter("actor", cause.actor().name())
                .setParameter(
                        "reason",
                        "import " + order.id()
                                + cause.reason().map(reason -> ": " + reason).orElse(""));
    }

    private static Query under(AssignmentImport.Order order, Query query) {
        return query.setParameter("portal", order.portal().value())
                .setParameter("registration", order.registration().value());
    }

    private Session session() {
        return entities.unwrap(Session.class);
    }
}
