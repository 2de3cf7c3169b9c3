package org.m365connector.assignment.assignment;

import java.util.ArrayList;
import java.util.List;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;

/** One import while it is being read: each row is looked at for itself and put aside, and what is wrong is gathered. */
final class ImportReading implements ImportSink {
    private static final int LOOKED_UP_AT_ONCE = 1000;

    private final AssignmentImport.Order order;
    private final Staging staging;
    private final ImportProblems problems;
    private final KnownAccounts accounts;
    private final ImportedUsers users;
    private final ImportProgress progress;
    private final List<String> named = new ArrayList<>();

    ImportReading(
            AssignmentImport.Order order,
            Staging staging,
            ImportProblems problems,
            KnownAccounts accounts,
            ImportedUsers users,
            ImportProgress progress) {
        this.order = order;
        this.staging = staging;
        this.problems = problems;
        this.accounts = accounts;
        this.users = users;
        this.progress = progress;
    }

    @Override
    public void row(ImportRow row) {
        accounts.unknown(order.portal(), order.registration(), row.accounts().names())
                .forEach(unknown -> problems.add(
                        row.line(), "accounts", new ProblemException(AssignmentProblem.ACCOUNT_UNKNOWN, unknown)));
        staging.add(row);
        if (row.principal().kind() == Principal.Kind.USER) {
            named.add(row.principal().id());
            if (named.size() == LOOKED_UP_AT_ONCE) {
                lookUp();
            }
        }
        progress.row();
    }

    @Override
    public void refused(long line, String column, ProblemException why) {
        problems.add(line, column, why);
        progress.row();
    }

    /** All has been read. */
    void finish() {
        lookUp();
    }

    private void lookUp() {
        if (!named.isEmpty()) {
            users.known(order.portal(), named).forEach(staging::addKnown);
            named.clear();
        }
    }
}
