package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.UUID;

/**
 * What an import has done, or would do.
 *
 * @param removed assignments that the file does not have; none unless everything was to be replaced
 */
record ImportResult(
        UUID id,
        @JsonProperty("dryRun") boolean isDryRun,
        long rows,
        long added,
        long changed,
        long unchanged,
        long removed) {}
