package org.m365connector.assignment.user;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A portal user as a caller writes him. */
record UserRequest(
        Map<String, String> fields,
        List<String> groups,
        List<String> roles,
        @JsonAnySetter @Schema(hidden = true) Map<String, Object> unknown) {
    static final Set<String> SHOWN = Set.of("portalUser", "changedAt");
    static final UserRequest NOTHING_SAID = new UserRequest(null, null, null, null);

    @JsonCreator
    UserRequest {}

    /** @throws org.m365connector.problem.ProblemException where it says something that means nothing or cannot be kept */
    UserProfile profile() {
        BodyCheck.refuseUnknown("", unknown, SHOWN);
        return BodyCheck.kept(() -> new UserProfile(fields, groups, roles));
    }
}
