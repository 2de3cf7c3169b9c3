package org.m365connector.assignment.assignment;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.m365connector.assignment.history.Cause;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/**
 * Takes in a file of assignments: all of it or nothing.
 *
 * <ol>
 *   <li>It is read once, from the network into a file, whatever its size; no connection to the database is held meanwhile, and
 *       each row is looked at for itself.
 *   <li>In one transaction it goes from there into a staging table. Only when that is done, the registration is locked.
 *   <li>Behind the lock everything is looked at again that may have changed since it was read.
 *   <li>That it is done is written in the same transaction: it is told of every import whether it took effect, also of one whose
 *       process was killed.
 * </ol>
 */
@ApplicationScoped
class AssignmentImport {
    private static final Duration LONGEST = Duration.ofHours(1);

    private final AssignmentService assignments;
    private final Registrations registrations;
    private final KnownAccounts accounts;
    private final ImportedUsers users;
    private final ImportMerge merge;
    private final Consequences consequences;
    private final Imports imports;
    private final ImportPulse pulse;
    private final PortalLock locks;
    private final TransferConfig config;
    private final Clock clock;

    AssignmentImport(
            AssignmentService assignments,
            Registrations registrations,
            KnownAccounts accounts,
            ImportedUsers users,
            ImportMerge merge,
            Consequences consequences,
            Imports imports,
            ImportPulse pulse,
            PortalLock locks,
            TransferConfig config,
            Clock clock) {
        this.assignments = assignments;
        this.registrations = registrations;
        this.accounts = accounts;
        this.users = users;
        this.merge = merge;
        this.consequences = consequences;
        this.imports = imports;
        this.pulse = pulse;
        this.locks = locks;
        this.config = config;
        this.clock = clock;
    }

    /**
     * What is to be taken in.
     *
     * @param replace whether assignments that the file does not have are removed
     * @param isForced whether nobody may be left who has the service account
     * @param cause who wants it and why
     */
    record Order(
            UUID id,
            PortalId portal,
            RegistrationName registration,
            ImportFormat format,
            boolean replace,
            boolean dryRun,
            boolean isForced,
            Cause cause) {}

    /** @throws ProblemException {@code import-refused} with what is wrong, by line and column */
    ImportResult run(Order order, InputStream file, Locale language) {
        assignments.requireKnown(order.portal(), order.registration());
        imports.begin(order);
        var progress = new ImportProgress(imports, clock, order.id());
        pulse.begins(order.id());
        try (var staging = new Staging(config)) {
            var problems = new ImportProblems(language);
            read(order, file, new ImportReading(order, staging, problems, accounts, users, progress));
            progress.say(ImportView.State.WRITING);
            return QuarkusTransaction.requiringNew()
                    .timeout(Math.toIntExact(LONGEST.toSeconds()))
                    .call(() -> take(order, staging, problems, progress.rows()));
        } catch (DryRun checked) {
            progress.say(ImportView.State.CHECKED);
            return checked.result;
        } catch (RuntimeException | Error e) {
            ended(progress, e);
            throw e;
        } finally {
            pulse.ends(order.id());
        }
    }

    private static void ended(ImportProgress progress, Throwable why) {
        try {
            progress.say(why instanceof ProblemException ? ImportView.State.REFUSED : ImportView.State.FAILED);
        } catch (RuntimeException e) {
            // Then it is its silence that tells.
            why.addSuppressed(e);
        }
    }

    private void read(Order order, InputStream file, ImportReading reading) {
        try {
            order.format().read(new Upload(file, clock, config.longestUpload()), reading);
        } catch (IOException e) {
            // Whoever sent it has hung up, or sends what is no HTTP.
            throw new ProblemException(RequestProblem.INVALID_REQUEST).causedBy(new UncheckedIOException(e));
        }
        reading.finish();
    }

    private ImportResult take(Order order, Staging staging, ImportProblems problems, long rows) {
        merge.load(staging);
        merge.findDuplicates(problems);
        refuse(problems);
        locks.share(order.portal());
        var registration = registrations
                .findActiveLocked(order.portal(), order.registration())
                .orElseThrow(() -> AssignmentService.unknown(order.portal(), order.registration()));
        merge.findEnded(order, problems);
        refuse(problems);
        var result = merge.compare(order, rows);
        if (!order.isForced()) {
            merge.requireAnAdministrator(order);
        }
        if (order.dryRun()) {
            throw new DryRun(result);
        }
        merge.write(order);
        if (result.added() + result.changed() + result.removed() > 0) {
            consequences.everybodysRuleChanged(registration);
        }
        imports.done(order.id(), rows);
        return result;
    }

    private static void refuse(ImportProblems problems) {
        if (!problems.isEmpty()) {
            throw problems.refusal();
        }
    }

    /** What comes from the network, for as long as it may take. */
    private static final class Upload extends InputStream {
        private final InputStream from;
        private final Clock clock;
        private final Instant end;

        Upload(InputStream from, Clock clock, Duration longest) {
            this.from = from;
            this.clock = clock;
            this.end = clock.instant().plus(longest);
        }

        @Override
        public int read() throws IOException {
            requireTime();
            return from.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            requireTime();
            return from.read(into, offset, length);
        }

        private void requireTime() {
            if (clock.instant().isAfter(end)) {
                throw new ProblemException(AssignmentProblem.IMPORT_TOO_SLOW);
            }
        }
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
}
