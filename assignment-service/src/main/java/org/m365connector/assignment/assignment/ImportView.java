package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.UUID;

/** How far an import has come. */
record ImportView(UUID id, State state, long rows, Instant startedAt, Instant updatedAt) {
    /** Where an import can be. */
    enum State {
        @JsonProperty("reading")
        READING,
        @JsonProperty("writing")
        WRITING,
        @JsonProperty("done")
        DONE,
        /** A dry run without a problem. */
        @JsonProperty("checked")
        CHECKED,
        @JsonProperty("refused")
        REFUSED,
        @JsonProperty("failed")
        FAILED
    }
}
