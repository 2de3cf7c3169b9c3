package org.m365connector.assignment.user;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A group as a caller writes it. */
record GroupRequest(
        Optional<String> name,
        Optional<Integer> priority,
        List<String> memberOf,
        @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
    static final GroupRequest NOTHING_SAID = new GroupRequest(Optional.empty(), Optional.empty(), null, null);

    private static final Set<String> SHOWN = Set.of("group", "changedAt");

    @JsonCreator
    GroupRequest {}

    /** @throws org.m365connector.problem.ProblemException where it says something that means nothing or cannot be kept */
    GroupProfile profile() {
        BodyCheck.refuseUnknown("", unknown, SHOWN);
        return BodyCheck.kept(() -> new GroupProfile(name, priority == null ? 0 : priority.orElse(0), memberOf));
    }
}
