package org.m365connector.capability;

import java.util.List;
import org.m365connector.problem.ProblemException;

/**
 * That the assignment does not let its account make a call.
 *
 * @param narrowing what of it says so: {@code operations}, {@code mailbox}, {@code teams} or {@code sites}; {@code address} where
 *     the call cannot be judged by its address
 * @param allowed what is allowed instead
 */
public record NotAllowed(String narrowing, List<String> allowed) {

    public NotAllowed {
        allowed = List.copyOf(allowed);
    }

    /** Slug of the problem that such a call is refused with. */
    public String problem() {
        return CapabilityProblem.NOT_ALLOWED_BY_ASSIGNMENT.slug();
    }

    public ProblemException refusal() {
        return new ProblemException(CapabilityProblem.NOT_ALLOWED_BY_ASSIGNMENT, narrowing, String.join(", ", allowed))
                .with("narrowing", narrowing)
                .with("allowed", allowed);
    }
}
