package org.m365connector.assignment.explanation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import org.m365connector.assignment.assignment.Rule;

/** A rule that applies too and does not decide. */
record Overridden(@JsonUnwrapped Rule rule, Why why) {
    /** Why another one decides. */
    enum Why {
        /** The other one is for the user himself, or for a group where this one is for a role or for everybody. */
        @JsonProperty("less-specific")
        LESS_SPECIFIC,
        /** Both are for groups, and the other one's has a higher priority. */
        @JsonProperty("lower-priority")
        LOWER_PRIORITY,
        /** Both are for groups of the same priority, or both for roles, and the other one is nearer, or else the first by name. */
        @JsonProperty("farther-or-later-by-name")
        FARTHER_OR_LATER
    }

    static Overridden by(Rule winner, Rule rule) {
        if (winner.principal().kind() != rule.principal().kind()) {
            return new Overridden(rule, Why.LESS_SPECIFIC);
        }
        return new Overridden(
                rule, winner.priority().equals(rule.priority()) ? Why.FARTHER_OR_LATER : Why.LOWER_PRIORITY);
    }
}
