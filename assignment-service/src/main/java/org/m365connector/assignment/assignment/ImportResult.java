package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.UUID;

/**
 * What an import has done, or would do.
 *
 * @param removed assignments that the file does not have; none unless everything was to be replaced
 * @param warningCount what was accepted and may be amiss
 * @param warnings the first hundred of it
 */
record ImportResult(
        UUID id,
        @JsonProperty("dryRun") boolean isDryRun,
        long rows,
        long added,
        long changed,
        long unchanged,
        long removed,
        long warningCount,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Warning> warnings) {}
