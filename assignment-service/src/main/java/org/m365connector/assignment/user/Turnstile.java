package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.events.PortalId;
import org.m365connector.problem.ProblemException;

/**
 * Where everybody waits in line who is about to lock something, alone or with others, until the transaction ends. A row's lock alone is
 * not enough: PostgreSQL lets those who share a row pass whoever waits to have it alone, for ever if there are always some. In
 * this line nobody is passed.
 *
 * <p>Nobody waits in it longer than a caller would, nor so many of one portal that others have no connection to the database: {@code
 * change-under-way}.
 */
@ApplicationScoped
public class Turnstile {
    /** PostgreSQL's word for it; how long that is the connection knows. */
    private static final String WAITED_TOO_LONG = "55P03";

    private static final String COME_BACK_AFTER_SECONDS = "10";

    private final DataSource database;
    private final WaitingPlaces waiting = new WaitingPlaces();

    Turnstile(DataSource database) {
        this.database = database;
    }

    /** @param portal whose callers wait here */
    public void share(PortalId portal, List<String> names) {
        enter("_shared", portal, names);
    }

    /** @param portal whose callers wait here */
    public void alone(PortalId portal, List<String> names) {
        enter("", portal, names);
    }

    private void enter(String mode, PortalId portal, List<String> names) {
        // Where somebody waits already, this does not pass him.
        if (!names.isEmpty() && !lock("pg_try_advisory_xact_lock" + mode + "(%s)", names)) {
            var place = waiting.take(portal).orElseThrow(Turnstile::underWay);
            try {
                lock("cast(pg_advisory_xact_lock" + mode + "(%s) as text) is not null", names);
            } finally {
                place.leave();
            }
        }
    }

    /** @return whether they are locked, one after the other in the order of their names */
    private boolean lock(String function, List<String> names) {
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement("select bool_and("
                        + function.formatted("hashtextextended(name, 0)")
                        + ") from (select unnest(?) name order by 1) names")) {
            statement.setArray(1, connection.createArrayOf("text", names.toArray()));
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        } catch (SQLException e) {
            if (WAITED_TOO_LONG.equals(e.getSQLState())) {
                throw underWay().causedBy(e);
            }
            throw new IllegalStateException("a lock cannot be had", e);
        }
    }

    /** Whoever asked is to come back. */
    public static ProblemException underWay() {
        return new ProblemException(AssignmentProblem.CHANGE_UNDER_WAY)
                .withHeader("Retry-After", COME_BACK_AFTER_SECONDS);
    }
}
