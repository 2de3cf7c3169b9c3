package org.m365connector.assignment.assignment;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.m365connector.assignment.history.Cause;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.AccountName;
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
 *   <li>From there it goes into the table {@code import_row}, and is looked at as a whole. Nothing is locked, so nobody waits.
 *   <li>Then the registration is locked, for a moment: whatever may have changed since it was read is looked at again, and it is
 *       decided that all of it takes effect. From now on it counts, and is gone on with whatever becomes of this process.
 *   <li>Then its rows move to where assignments stand, some at a time ({@link TakenImports}); others go on meanwhile.
 * </ol>
 */
@ApplicationScoped
class AssignmentImport {
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

    private final AssignmentService assignments;
    private final Registrations registrations;
    private final KnownAccounts accounts;
    private final ImportMerge merge;
    private final TakenImports taken;
    private final ImportSteps steps;
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
            ImportMerge merge,
            TakenImports taken,
            ImportSteps steps,
            Consequences consequences,
            Imports imports,
            ImportPulse pulse,
            PortalLock locks,
            TransferConfig config,
            Clock clock) {
        this.assignments = assignments;
        this.registrations = registrations;
        this.accounts = accounts;
        this.merge = merge;
        this.taken = taken;
        this.steps = steps;
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

    /**
     * What is in the file, looked at as a whole.
     *
     * @param isBehindAnother whether another import was on its way to what this was compared with
     * @param since the last entry of the history before it was looked at, where what the file does not have is to go
     */
    private record Checked(ImportResult result, List<AccountName> named, boolean isBehindAnother, long since) {
        boolean changesSomething() {
            return isBehindAnother || result.added() + result.changed() + result.removed() > 0;
        }
    }

    /** @throws ProblemException {@code import-refused} with what is wrong, by line and column */
    ImportResult run(Order order, InputStream file, Locale language) {
        assignments.requireKnown(order.portal(), order.registration());
        imports.begin(order);
        var progress = new ImportProgress(imports, clock, order.id());
        pulse.begins(order.id());
        try (var staging = new Staging(order.id(), config)) {
            var problems = new ImportProblems(language);
            read(order, file, new ImportReading(order, staging, problems, accounts, progress));
            progress.say(ImportView.State.WRITING);
            transaction(() -> {
                merge.load(staging);
                return order.id();
            });
            var checked = look(order, problems, progress.rows());
            if (order.dryRun()) {
                imports.ended(order.id(), ImportView.State.CHECKED);
                return checked.result();
            }
            return take(order, checked, problems);
        } catch (RuntimeException | Error e) {
            ended(order.id(), e);
            throw e;
        } finally {
            pulse.ends(order.id());
        }
    }

    /** One of which it is decided that it takes effect goes on, whatever happened here. */
    private void ended(UUID id, Throwable why) {
        try {
            imports.ended(id, why instanceof ProblemException ? ImportView.State.REFUSED : ImportView.State.FAILED);
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
    }

    /** A first look, which most mistakes do not survive, at however many rows. */
    private Checked look(Order order, ImportProblems problems, long rows) {
        long since = order.replace() && !order.dryRun() ? now(order) : 0;
        return transaction(() -> check(order, problems, rows, since));
    }

    /** A moment at which nobody is writing: whatever is changed afterwards, the history tells behind this entry. */
    private long now(Order order) {
        var end = clock.instant().plus(LONGEST);
        while (true) {
            var now = alone(order, registration -> merge.lastEntry(order));
            if (now.isPresent()) {
                return now.get();
            }
            pause(end);
        }
    }

    /** Without a lock. */
    private Checked check(Order order, ImportProblems problems, long rows, long since) {
        merge.findDuplicates(order, problems);
        refuse(problems);
        var named = merge.staticAccounts(order);
        merge.findEnded(order, named, problems);
        refuse(problems);
        if (order.replace()) {
            merge.addWhatIsToGo(order);
        }
        if (!order.isForced()) {
            merge.requireAnAdministrator(order);
        }
        boolean isBehindAnother = isBehindAnother(order);
        return new Checked(merge.compare(order, rows, named), named, isBehindAnother, since);
    }

    /** Returns when all that it changes stands in the table. */
    private ImportResult take(Order order, Checked first, ImportProblems problems) {
        var end = clock.instant().plus(LONGEST);
        var checked = first;
        while (checked.changesSomething()) {
            var looked = checked;
            // Nobody waits for the registration while this waits for its turn: that is asked again behind its lock.
            while (transaction(() -> isBehindAnother(order) || isBehindAnEnd(order, looked))) {
                pause(end);
            }
            if (!looked.isBehindAnother()
                    && alone(order, registration -> decide(order, registration, looked, problems))
                            .orElse(false)) {
                steps.untilAllIsThere(order.id(), order.portal(), order.registration());
                return looked.result();
            }
            // What the other one has written is there only now.
            checked = look(order, problems, looked.result().rows());
        }
        imports.ended(order.id(), ImportView.State.DONE);
        return checked.result();
    }

    private void pause(Instant end) {
        if (clock.instant().isAfter(end)) {
            throw new ProblemException(AssignmentProblem.CHANGE_UNDER_WAY);
        }
        ImportSteps.pause(BETWEEN_TRIES);
    }

    /** Whether another import of the registration is on its way. */
    private boolean isBehindAnother(Order order) {
        return taken.under(order.portal(), order.registration()).isPresent();
    }

    /** Whether an account of a name that it gives is still ending. */
    private boolean isBehindAnEnd(Order order, Checked checked) {
        return accounts.areEnding(order.portal(), order.registration(), checked.named());
    }

    /** @return false where its turn has not come: another import is on its way, or an account of a name that it gives is still ending */
    private boolean decide(Order order, Registration registration, Checked checked, ImportProblems problems) {
        if (isBehindAnother(order)) {
            return false;
        }
        merge.findEnded(order, checked.named(), problems);
        refuse(problems);
        if (isBehindAnEnd(order, checked)) {
            return false;
        }
        if (order.replace()) {
            merge.addWhatHasCome(order, checked.since());
        }
        if (!order.isForced()) {
            merge.requireAnAdministrator(order);
        }
        if (!taken.take(order.id())) {
            throw new IllegalStateException("the import was given up for dead");
        }
        consequences.everybodysRuleChanged(registration);
        return true;
    }

    /** What is done while nobody else changes the registration; empty, and nothing done, where somebody has it for long. */
    private <T> Optional<T> alone(Order order, Function<Registration, T> work) {
        try {
            return Optional.of(transaction(() -> {
                locks.share(order.portal());
                return work.apply(registrations
                        .findActiveLocked(order.portal(), order.registration())
                        .orElseThrow(() -> AssignmentService.unknown(order.portal(), order.registration())));
            }));
        } catch (ProblemException e) {
            if (e.type() == AssignmentProblem.CHANGE_UNDER_WAY) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static <T> T transaction(Callable<T> work) {
        return QuarkusTransaction.requiringNew()
                .timeout(Math.toIntExact(LONGEST.toSeconds()))
                .call(work);
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
}
