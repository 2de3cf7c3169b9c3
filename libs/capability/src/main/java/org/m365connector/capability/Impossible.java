package org.m365connector.capability;

import java.util.List;
import org.m365connector.events.AccountName;
import org.m365connector.problem.ProblemException;

/**
 * That a kind of login cannot make a call at all.
 *
 * @param operation the row of the table that says so, {@code POST /teams/{id}/channels/{id}/messages}
 * @param instead what to do, in words that need no translation
 */
public record Impossible(LoginKind kind, String operation, String instead) {

    /** Slug of the problem that such a call is refused with. */
    public String problem() {
        return CapabilityProblem.of(kind).slug();
    }

    /** @param available the accounts that the caller may use instead, told to him */
    public ProblemException refusal(List<AccountName> available) {
        return new ProblemException(CapabilityProblem.of(kind), operation, instead)
                .with("operation", operation)
                .with("instead", instead)
                .with("available", available);
    }
}
