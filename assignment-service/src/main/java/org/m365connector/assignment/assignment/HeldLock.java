package org.m365connector.assignment.assignment;

import java.sql.SQLException;
import java.util.Set;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.problem.ProblemException;

/** Whether something failed only because somebody has what it needs. It may be tried again. */
final class HeldLock {
    /** PostgreSQL's words for a lock that was waited for too long, and for two who wait in a circle. */
    private static final Set<String> LOCKED = Set.of("55P03", "40P01");

    private HeldLock() {}

    static boolean isBehind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && LOCKED.contains(sql.getSQLState())) {
                return true;
            }
            if (cause instanceof ProblemException problem && problem.type() == AssignmentProblem.CHANGE_UNDER_WAY) {
                return true;
            }
        }
        return false;
    }
}
