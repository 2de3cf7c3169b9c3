package org.m365connector.assignment.assignment;

import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** What happens to assignments that the file does not have. */
enum ImportMode {
    MERGE,
    REPLACE;

    /** How a query parameter is read. */
    static ImportMode fromString(String text) {
        for (var mode : values()) {
            if (mode.name().equalsIgnoreCase(text)) {
                return mode;
            }
        }
        throw new ProblemException(RequestProblem.INVALID_REQUEST).with("parameter", "mode");
    }
}
