package org.m365connector.assignment.history;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.events.Narrowing;

/**
 * One change of an assignment.
 *
 * @param accounts as they were afterwards; of an assignment that was removed, as they had been
 */
record HistoryEntry(
        long id,
        Instant at,
        What what,
        UUID assignment,
        long version,
        ForWhom principal,
        List<String> accounts,
        @JsonProperty("default") String defaultAccount,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Narrowing> narrowing,
        Actor who,
        Optional<String> reason) {
    /** What happened to it. */
    public enum What {
        @JsonProperty("made")
        MADE,
        @JsonProperty("changed")
        CHANGED,
        @JsonProperty("removed")
        REMOVED
    }

    /** A portal user who is gone has no id here any more. */
    record ForWhom(
            String kind,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) String id,
            @JsonProperty("personRemoved") boolean personRemoved) {}
}
