package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.m365connector.events.AccountName;

/**
 * An assignment as far as it matters for who may use what.
 *
 * @param priority of the group that it is for, where it is asked about somebody in that group
 */
public record Rule(
        UUID id, Principal principal, @JsonUnwrapped Accounts accounts, Optional<Integer> priority) {
    public Rule(UUID id, Principal principal, Accounts accounts) {
        this(id, principal, accounts, Optional.empty());
    }

    /** What is left of it when these have ended. */
    Optional<Rule> without(Set<AccountName> ended) {
        return accounts.without(ended).map(left -> new Rule(id, principal, left, priority));
    }

    Rule withPriority(int ofGroup) {
        return new Rule(id, principal, accounts, Optional.of(ofGroup));
    }
}
