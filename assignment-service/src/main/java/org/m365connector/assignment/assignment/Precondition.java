package org.m365connector.assignment.assignment;

import java.util.Arrays;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** An {@code If-Match} header (RFC 9110, 13.1.1): the version that the caller has read. */
record Precondition(String ifMatch) {
    Precondition {
        if (ifMatch == null || ifMatch.isBlank()) {
            throw new ProblemException(RequestProblem.PRECONDITION_REQUIRED);
        }
    }

    void require(long version) {
        var matches = ifMatch.trim().equals("*")
                || Arrays.stream(ifMatch.split(",")).map(String::trim).anyMatch(etag(version)::equals);
        if (!matches) {
            throw new ProblemException(RequestProblem.PRECONDITION_FAILED);
        }
    }

    static String etag(long version) {
        return "\"" + version + "\"";
    }
}
