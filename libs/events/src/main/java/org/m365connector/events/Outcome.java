package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How an action ended. */
public enum Outcome {
    /** It took effect. */
    @JsonProperty("done")
    DONE,
    /** Refused before anything was tried; nothing happened. */
    @JsonProperty("rejected")
    REJECTED,
    /** Tried and refused for good; nothing happened. */
    @JsonProperty("failed")
    FAILED,
    /** Sent, but the answer was lost and Graph offers no way to find out; it may have taken effect once. */
    @JsonProperty("outcome-unknown")
    OUTCOME_UNKNOWN
}
