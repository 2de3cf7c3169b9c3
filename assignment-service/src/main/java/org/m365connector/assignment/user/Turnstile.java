package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;

/**
 * Where everybody waits in line who is about to lock something, alone or with others, until the transaction ends. A row's lock alone is
 * not enough: PostgreSQL lets those who share a row pass whoever waits to have it alone, for ever if there are always some. In
 * this line nobody is passed.
 *
 * <p>Nobody waits in it longer than a caller would: {@code change-under-way}.
 */
@ApplicationScoped
public class Turnstile {
    /** PostgreSQL's word for it; how long that is the connection knows. */
    private static final String WAITED_TOO_LONG = "55P03";

    private static final String COME_BACK_AFTER_SECONDS = "10";

    private final DataSource database;

    Turnstile(DataSource database) {
        this.database = database;
    }

    public void share(List<String> names) {
        enter("pg_advisory_xact_lock_shared", names);
    }

    public void alone(List<String> names) {
        enter("pg_advisory_xact_lock", names);
    }

    private void enter(String lock, List<String> names) {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement("select " + lock
                        + "(hashtextextended(name, 0)) from (select unnest(?) name order by 1) names")) {
            statement.setArray(1, connection.createArrayOf("text", names.toArray()));
            statement.execute();
        } catch (SQLException e) {
            if (WAITED_TOO_LONG.equals(e.getSQLState())) {
                throw new ProblemException(AssignmentProblem.CHANGE_UNDER_WAY)
                        .withHeader("Retry-After", COME_BACK_AFTER_SECONDS)
                        .causedBy(e);
            }
            throw new IllegalStateException("a lock cannot be had", e);
        }
    }
}
