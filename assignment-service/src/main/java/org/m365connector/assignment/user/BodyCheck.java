package org.m365connector.assignment.user;

import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** What is wrong with a body: whoever misspells a member is told so, instead of losing what he wanted to say. */
final class BodyCheck {
    private BodyCheck() {}

    /**
     * @param at JSON pointer (RFC 6901) to the object that they stand in; empty for the whole body
     * @param unknown the members that the object has besides those that are known; null for none
     * @param shown what the object is shown with besides: whoever sends back what he was shown need not cut it out
     * @throws ProblemException with the {@code pointer} of the first of them
     */
    static void refuseUnknown(String at, Map<String, Object> unknown, Set<String> shown) {
        if (unknown == null) {
            return;
        }
        unknown.keySet().stream()
                .filter(name -> !shown.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new ProblemException(RequestProblem.INVALID_REQUEST)
                            .with("pointer", at + "/" + name.replace("~", "~0").replace("/", "~1"));
                });
    }

    /** @throws ProblemException where what is said cannot be kept */
    static <T> T kept(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).causedBy(e);
        }
    }
}
