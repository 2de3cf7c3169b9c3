package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.AccountName;
import org.m365connector.events.LoginMode;
import org.m365connector.problem.ProblemException;

/** What an import means for the assignments that there are: all of its rows stand in {@code import_row}. */
@ApplicationScoped
class ImportMerge {
    private static final int TOLD = 100;

    private static final String OF_THE_FILE =
            "a.portal_id = :portal and a.registration = :registration and a.principal_kind = r.kind and a.principal_id = r.id";

    /** Where the file does not speak of it, what was narrowed stays so, as far as the accounts are still assigned. */
    static final String NARROWING_OF_EXISTING = "coalesce(r.narrowing, (select coalesce(jsonb_object_agg(key, value),"
            + " '{}') from jsonb_each(a.narrowing) where key = any(r.accounts)))";

    static final String DIFFERS =
            "(a.accounts, a.default_account, a.narrowing) is distinct from (r.accounts, r.default_account, "
                    + NARROWING_OF_EXISTING + ")";

    private final KnownAccounts accounts;
    private final ImportWarnings warnings;
    private final Endings endings;
    private final EntityManager entities;

    ImportMerge(KnownAccounts accounts, ImportWarnings warnings, Endings endings, EntityManager entities) {
        this.accounts = accounts;
        this.warnings = warnings;
        this.endings = endings;
        this.entities = entities;
    }

    void load(Staging staging) {
        session().doWork(staging::load);
    }

    void findDuplicates(AssignmentImport.Order order, ImportProblems problems) {
        find(order, problems, "kind, id", """
                select line, lower(kind) || ' ' || id, cast(first_line as text) from (select line, kind, id,
                min(line) over (partition by kind, id) as first_line from import_row where import_id = :import) numbered
                where line > first_line order by line limit :told""", UnaryOperator.identity(), AssignmentProblem.IMPORT_DUPLICATE);
    }

    /** Whatever the file does not have is to go. */
    void addWhatIsToGo(AssignmentImport.Order order) {
        under(order, entities.createNativeQuery("""
                        insert into import_row (import_id, line, kind, id)
                        select :import, 0, principal_kind, principal_id from assignment a
                        where portal_id = :portal and registration = :registration and not exists
                        (select 1 from import_row r where r.import_id = :import
                        and a.principal_kind = r.kind and a.principal_id = r.id)"""))
                .setParameter("import", order.id())
                .executeUpdate();
    }

    /** The history's last entry of the registration. */
    long lastEntry(AssignmentImport.Order order) {
        return ((Number) under(order, entities.createNativeQuery("""
                        select coalesce(max(id), 0) from assignment_history
                        where portal_id = :portal and registration = :registration""")).getSingleResult()).longValue();
    }

    /**
     * What the file does not have and has been assigned only after {@link #addWhatIsToGo} looked is to go as well.
     *
     * @param since the last entry of the history at a moment before that
     */
    void addWhatHasCome(AssignmentImport.Order order, long since) {
        under(order, entities.createNativeQuery("""
                        insert into import_row (import_id, line, kind, id)
                        select distinct cast(:import as uuid), 0, a.principal_kind, a.principal_id
                        from assignment_history h join assignment a on a.id = h.assignment_id
                        where h.portal_id = :portal and h.registration = :registration and h.id > :since and not exists
                        (select 1 from import_row r where r.import_id = :import
                        and a.principal_kind = r.kind and a.principal_id = r.id)"""))
                .setParameter("import", order.id())
                .setParameter("since", since)
                .executeUpdate();
    }

    /** The static accounts that the file names. */
    List<AccountName> staticAccounts(AssignmentImport.Order order) {
        return session()
                .createNativeQuery(
                        "select distinct unnest(accounts) from import_row where import_id = :import", String.class)
                .setParameter("import", order.id())
                .getResultStream()
                .map(AccountName::new)
                .filter(name -> name.loginMode() == LoginMode.STATIC)
                .toList();
    }

    /**
     * What was true when the file was read and is not any more. Asked again behind the registration's lock, where none of it becomes
     * untrue afterwards; little is to be looked at there, for few accounts have ended and few users have gone meanwhile.
     */
    void findEnded(AssignmentImport.Order order, List<AccountName> named, ImportProblems problems) {
        var gone = accounts.goneForSure(order.portal(), order.registration(), named).stream()
                .map(AccountName::value)
                .toArray(String[]::new);
        if (gone.length > 0) {
            find(
                    order,
                    problems,
                    "accounts",
                    """
                    select line, account from import_row, unnest(accounts) account
                    where import_id = :import and account = any(cast(:gone as text[])) order by line limit :told""",
                    query -> query.setParameter("gone", gone),
                    AssignmentProblem.ACCOUNT_UNKNOWN);
        }
        find(
                order,
                problems,
                "kind, id",
                """
                select line, cast(:portal as text), id from import_row r join import_removed_user u
                on u.import_id = r.import_id and u.portal_user = r.id
                where r.import_id = :import and kind = 'USER' and line > 0 and not exists (select 1 from portal_user
                where portal_id = :portal and portal_user = id) order by line limit :told""",
                query -> query.setParameter("portal", order.portal().value()),
                AssignmentProblem.PORTAL_USER_UNKNOWN);
    }

    /** @param sql gives the line, and what the problem's detail speaks of */
    private void find(
            AssignmentImport.Order order,
            ImportProblems problems,
            String column,
            String sql,
            UnaryOperator<NativeQuery<Object[]>> filled,
            AssignmentProblem type) {
        filled.apply(session().createNativeQuery(sql, Object[].class))
                .setParameter("import", order.id())
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

    /** What it does, as of now: to assignments without what has ended, though that may stand in the table still. */
    ImportResult compare(AssignmentImport.Order order, long rows, List<AccountName> named) {
        var ended = endings.accounts(order.portal(), order.registration()).stream()
                .map(AccountName::value)
                .toArray(String[]::new);
        var counted = (Object[]) under(order, entities.createNativeQuery("""
                        select count(*) filter (where r.accounts is not null and a.id is null),
                        count(*) filter (where r.accounts is not null and a.id is not null
                          and (%s or a.accounts && cast(:ended as text[]))),
                        count(*) filter (where r.accounts is null and a.id is not null)
                        from import_row r left join assignment a on %s and a.default_account <> all (cast(:ended as text[]))
                        where r.import_id = :import""".formatted(DIFFERS, OF_THE_FILE)))
                .setParameter("import", order.id())
                .setParameter("ended", ended)
                .getSingleResult();
        long added = ((Number) counted[0]).longValue();
        long changed = ((Number) counted[1]).longValue();
        long removed = ((Number) counted[2]).longValue();
        var told = warnings.of(order, named);
        return new ImportResult(
                order.id(),
                order.dryRun(),
                rows,
                added,
                changed,
                rows - added - changed,
                removed,
                told.count(),
                told.first());
    }

    /** Without the service account nobody can do anything in the name of the app. */
    void requireAnAdministrator(AssignmentImport.Order order) {
        var held = "select 1 from assignment a where portal_id = :portal and registration = :registration"
                + " and accounts @> array['service'] and not exists (" + Endings.UNDER
                + " and e.account = a.default_account)";
        var isLeftWithout = (Boolean) under(order, entities.createNativeQuery("""
                        select exists (%1$s)
                        and not exists (select 1 from import_row where import_id = :import and accounts @> array['service'])
                        and not exists (%1$s and not exists (select 1 from import_row r where r.import_id = :import
                        and r.kind = a.principal_kind and r.id = a.principal_id))""".formatted(held)))
                .setParameter("import", order.id())
                .getSingleResult();
        if (isLeftWithout) {
            throw new ProblemException(AssignmentProblem.LAST_ADMINISTRATOR_ASSIGNMENT);
        }
    }

    private static Query under(AssignmentImport.Order order, Query query) {
        return query.setParameter("portal", order.portal().value())
                .setParameter("registration", order.registration().value());
    }

    private Session session() {
        return entities.unwrap(Session.class);
    }
}
