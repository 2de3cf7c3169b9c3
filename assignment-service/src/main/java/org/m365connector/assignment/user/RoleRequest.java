package org.m365connector.assignment.user;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A role as a caller writes it. */
record RoleRequest(
        Optional<String> name,
        @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
    static final RoleRequest NOTHING_SAID = new RoleRequest(Optional.empty(), null);

    private static final Set<String> SHOWN = Set.of("role", "changedAt");

    @JsonCreator
    RoleRequest {}

    /** @throws org.m365connector.problem.ProblemException where it says something that means nothing or cannot be kept */
    GroupProfile profile() {
        BodyCheck.refuseUnknown("", unknown, SHOWN);
        return BodyCheck.kept(() -> GroupProfile.ofRole(name));
    }
}
