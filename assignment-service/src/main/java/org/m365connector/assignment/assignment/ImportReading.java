package org.m365connector.assignment.assignment;

import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;

/** One import while it is being read: each row is looked at for itself and put aside, and what is wrong is gathered. */
final class ImportReading implements ImportSink {
    private final AssignmentImport.Order order;
    private final Staging staging;
    private final ImportProblems problems;
    private final KnownAccounts accounts;
    private final ImportProgress progress;

    ImportReading(
            AssignmentImport.Order order,
            Staging staging,
            ImportProblems problems,
            KnownAccounts accounts,
            ImportProgress progress) {
        this.order = order;
        this.staging = staging;
        this.problems = problems;
        this.accounts = accounts;
        this.progress = progress;
    }

    @Override
    public void row(ImportRow row) {
        accounts.unknown(order.portal(), order.registration(), row.accounts().names())
                .forEach(unknown -> problems.add(
                        row.line(), "accounts", new ProblemException(AssignmentProblem.ACCOUNT_UNKNOWN, unknown)));
        staging.add(row);
        progress.row();
    }

    @Override
    public void refused(long line, String column, ProblemException why) {
        problems.add(line, column, why);
        progress.row();
    }
}
