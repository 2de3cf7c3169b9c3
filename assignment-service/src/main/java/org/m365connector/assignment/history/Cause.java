package org.m365connector.assignment.history;

import java.util.Optional;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Who wants a change, and the reason that was given for it. */
public record Cause(Actor actor, Optional<String> reason) {
    /** Header of a call that has no body. */
    public static final String REASON_HEADER = "X-M365-Reason";

    private static final int LONGEST_REASON = 1000;

    /** @throws ProblemException where the reason cannot be kept */
    public Cause {
        reason = reason.map(String::strip).filter(text -> !text.isEmpty());
        if (reason.isPresent()
                && (reason.get().length() > LONGEST_REASON || reason.get().indexOf('\0') >= 0)) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("parameter", "reason");
        }
    }

    /** Something happened, and this follows from it. */
    public static Cause of(Actor actor, String what) {
        return new Cause(actor, Optional.of(what));
    }
}
