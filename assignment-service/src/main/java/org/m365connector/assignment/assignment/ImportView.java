package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.assignment.history.Actor;

/**
 * How far an import has come.
 *
 * @param updatedAt when it last said that it lives
 */
record ImportView(
        UUID id,
        State state,
        long rows,
        Instant startedAt,
        Instant updatedAt,
        @JsonProperty("who") Actor actor,
        Optional<String> reason) {
    /** Where an import can be. */
    enum State {
        @JsonProperty("reading")
        READING,
        /** Once it is decided, what is written counts, and it is gone on with whatever happens. */
        @JsonProperty("writing")
        WRITING,
        @JsonProperty("done")
        DONE,
        /** A dry run without a problem. */
        @JsonProperty("checked")
        CHECKED,
        @JsonProperty("refused")
        REFUSED,
        /** Something broke, or the process was killed before it was decided; nothing was changed. */
        @JsonProperty("failed")
        FAILED
    }
}
