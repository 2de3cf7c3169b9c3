package org.m365connector.assignment.assignment;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.hibernate.Session;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/**
 * Takes in a file of assignments: all of it or nothing. It is read once, from the network into a staging table, whatever its
 * size; nobody is kept waiting meanwhile, because the registration is locked only when all has been read and found good.
 */
@ApplicationScoped
class AssignmentImport {
    private static final Duration LONGEST = Duration.ofHours(3);
    private static final Duration BETWEEN_NEWS = Duration.ofSeconds(1);
    private static final int TOLD_DUPLICATES = 100;

    private final Registrations registrations;
    private final KnownAccounts accounts;
    private final Consequences consequences;
    private final Imports imports;
    private final PortalLock locks;
    private final EntityManager entities;
    private final Clock clock;

    AssignmentImport(
            Registrations registrations,
            KnownAccounts accounts,
            Consequences consequences,
            Imports imports,
            PortalLock locks,
            EntityManager entities,
            Clock clock) {
        this.registrations = registrations;
        this.accounts = accounts;
        this.consequences = consequences;
        this.imports = imports;
        this.locks = locks;
        this.entities = entities;
        this.clock = clock;
    }

    /**
     * What is to be taken in.
     *
     * @param replace whether assignments that the file does not have are removed
     * @param isForced whether nobody may be left who has the service account
     */
    record Order(
            UUID id,
            PortalId portal,
            RegistrationName registration,
            ImportFormat format,
            boolean replace,
            boolean dryRun,
            boolean isForced) {}

    /** @throws ProblemException {@code import-refused} with what is wrong, by line and column */
    ImportResult run(Order order, InputStream file, Locale language) {
        imports.begin(order.id(), order.portal(), order.registration());
        var progress = new Progress(order.id());
        try {
            var result = QuarkusTransaction.requiringNew()
                    .timeout(Math.toIntExact(LONGEST.toSeconds()))
                    .call(() -> take(order, file, new ImportProblems(language), progress));
            progress.say(ImportView.State.DONE);
            return result;
        } catch (DryRun checked) {
            progress.say(ImportView.State.CHECKED);
            return checked.result;
        } catch (ProblemException e) {
            progress.say(ImportView.State.REFUSED);
            throw e;
        } catch (RuntimeException e) {
            progress.say(ImportView.State.FAILED);
            throw e;
        }
    }

    private ImportResult take(Order order, InputStream file, ImportProblems problems, Progress progress) {
        if (registrations.findActive(order.portal(), order.registration()).isEmpty()) {
            throw AssignmentService.unknown(order.portal(), order.registration());
        }
        stage(order, file, problems, progress);
        refuseDuplicates(problems);
        if (!problems.isEmpty()) {
            throw problems.refusal();
        }
        progress.say(ImportView.State.WRITING);
        // What was read before the file may be hours old.
        entities.clear();
        locks.share(order.portal());
        var registration = registrations
                .findActiveLocked(order.portal(), order.registration())
                .orElseThrow(() -> AssignmentService.unknown(order.portal(), order.registration()));
        var result = compare(order, registration, progress.rows);
        if (!order.isForced()) {
            requireAnAdministrator(order, registration);
        }
        if (order.dryRun()) {
            throw new DryRun(result);
        }
        write(order, registration);
        if (result.added() + result.changed() + result.removed() > 0) {
            consequences.everybodysRuleChanged(registration);
        }
        return result;
    }

    private void stage(Order order, InputStream file, ImportProblems problems, Progress progress) {
        entities.unwrap(Session.class).doWork(connection -> {
            try (var staging = Staging.on(connection)) {
                order.format().read(file, new ImportSink() {
                    @Override
                    public void row(ImportRow row) {
                        accounts.unknown(
                                        order.portal(),
                                        order.registration(),
                                        row.accounts().names())
                                .forEach(unknown -> problems.add(
                                        row.line(),
                                        "accounts",
                                        new ProblemException(AssignmentProblem.ACCOUNT_UNKNOWN, unknown)));
                        try {
                            staging.add(row);
                        } catch (SQLException e) {
                            throw new IllegalStateException("a row cannot be staged", e);
                        }
                        progress.row();
                    }

                    @Override
                    public void refused(long line, String column, ProblemException why) {
                        problems.add(line, column, why);
                        progress.row();
                    }
                });
                staging.finish();
            } catch (IOException e) {
                // Whoever sent it has hung up, or sends what is no HTTP.
                throw new ProblemException(RequestProblem.INVALID_REQUEST).causedBy(new UncheckedIOException(e));
            }
        });
    }

    private void refuseDuplicates(ImportProblems problems) {
        var twice = entities.unwrap(Session.class)
                .createNativeQuery("""
                        select line, first_line, lower(kind) || ' ' || id from (select line, kind, id,
                        min(line) over (partition by kind, id) as first_line from import_row) numbered
                        where line > first_line order by line limit :told""", Object[].class)
                .setParameter("told", TOLD_DUPLICATES)
                .getResultList();
        for (var row : twice) {
            problems.add(
                    ((Number) row[0]).longValue(),
                    "kind, id",
                    new ProblemException(
                            AssignmentProblem.IMPORT_DUPLICATE,
                            row[2].toString().strip(),
                            row[1].toString()));
        }
    }

    private static final String SAME_PRINCIPAL =
            "a.portal_id = :portal and a.registration = :registration and a.principal_kind = r.kind and a.principal_id = r.id";

    /** Where the file does not speak of it, what was narrowed stays so, as far as the accounts are still assigned. */
    private static final String NARROWING_OF_EXISTING =
            "coalesce(r.narrowing, (select coalesce(jsonb_object_agg(key, value),"
                    + " '{}') from jsonb_each(a.narrowing) where key = any(r.accounts)))";

    private static final String DIFFERS =
            "(a.accounts, a.default_account, a.narrowing) is distinct from (r.accounts, r.default_account, "
                    + NARROWING_OF_EXISTING + ")";

    private ImportResult compare(Order order, Registration registration, long rows) {
        entities.createNativeQuery("analyze import_row").executeUpdate();
        var counted = (Object[]) under(registration, entities.createNativeQuery("""
                        select count(*) filter (where a.id is null),
                        count(*) filter (where a.id is not null and %s)
                        from import_row r left join assignment a on %s""".formatted(DIFFERS, SAME_PRINCIPAL)))
                .getSingleResult();
        long added = ((Number) counted[0]).longValue();
        long changed = ((Number) counted[1]).longValue();
        long removed = !order.replace()
                ? 0
                : ((Number) under(registration, entities.createNativeQuery("select count(*) " + NOT_IN_THE_FILE))
                                .getSingleResult())
                        .longValue();
        return new ImportResult(order.id(), order.dryRun(), rows, added, changed, rows - added - changed, removed);
    }

    private static final String NOT_IN_THE_FILE = """
            from assignment a where a.portal_id = :portal and a.registration = :registration and not exists
            (select 1 from import_row r where a.principal_kind = r.kind and a.principal_id = r.id)""";

    /** Without the service account nobody can do anything in the name of the app. */
    private void requireAnAdministrator(Order order, Registration registration) {
        var held = (Object[]) under(registration, entities.createNativeQuery("""
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

    private void write(Order order, Registration registration) {
        if (order.replace()) {
            noted(order, registration, "REMOVED", "delete " + NOT_IN_THE_FILE).executeUpdate();
        }
        noted(order, registration, "CHANGED", """
                        update assignment a set accounts = r.accounts, default_account = r.default_account, narrowing = %s,
                        version = a.version + 1, changed_at = :now from import_row r where %s and %s""".formatted(NARROWING_OF_EXISTING, SAME_PRINCIPAL, DIFFERS))
                .executeUpdate();
        noted(order, registration, "MADE", """
                        insert into assignment as a (id, portal_id, registration, principal_kind, principal_id, accounts,
                        default_account, narrowing, version, changed_at)
                        select gen_random_uuid(), :portal, :registration, kind, id, accounts, default_account,
                        coalesce(narrowing, '{}'), 1, :now from import_row on conflict do nothing""").executeUpdate();
        entities.clear();
    }

    /** Does that to assignments {@code a}, and notes in the history what was done, in one statement. */
    private Query noted(Order order, Registration registration, String what, String change) {
        return under(registration, entities.createNativeQuery("""
                        with done as (%s returning a.*)
                        insert into assignment_history (portal_id, registration, assignment_id, at, what, version,
                        principal_kind, principal_id, accounts, default_account, narrowing, actor_kind, actor, reason)
                        select portal_id, registration, id, :now, '%s', version, principal_kind, principal_id, accounts,
                        default_account, narrowing, 'ADMIN', 'admin-key', :reason from done""".formatted(change, what)))
                .setParameter("now", clock.instant())
                .setParameter("reason", "import " + order.id());
    }

    private static Query under(Registration registration, Query query) {
        return query.setParameter("portal", registration.portal().value())
                .setParameter("registration", registration.name().value());
    }

    /** Takes everything back, and brings what would have been. */
    private static final class DryRun extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient ImportResult result;

        DryRun(ImportResult result) {
            super("dry run", null, false, false);
            this.result = result;
        }
    }

    /** Tells from time to time how far it has come. */
    private final class Progress {
        private final UUID id;
        private long rows;
        private Instant told = clock.instant();

        Progress(UUID id) {
            this.id = id;
        }

        void row() {
            rows++;
            if (rows % 1000 == 0 && clock.instant().isAfter(told.plus(BETWEEN_NEWS))) {
                say(ImportView.State.READING);
            }
        }

        void say(ImportView.State state) {
            imports.say(id, state, rows);
            told = clock.instant();
        }
    }
}
