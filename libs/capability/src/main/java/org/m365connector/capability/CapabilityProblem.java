package org.m365connector.capability;

import org.m365connector.problem.ProblemType;

/** Why a call is refused before Graph is asked: no login of that kind can make it, or the assignment does not let it. */
public enum CapabilityProblem implements ProblemType {
    APP_ONLY_NOT_SUPPORTED("app-only-not-supported", 422),
    DELEGATED_NOT_SUPPORTED("delegated-not-supported", 422),
    PERSONAL_NOT_SUPPORTED("personal-not-supported", 422),
    NOT_ALLOWED_BY_ASSIGNMENT("not-allowed-by-assignment", 403);

    private final String slug;
    private final int status;

    CapabilityProblem(String slug, int status) {
        this.slug = slug;
        this.status = status;
    }

    static CapabilityProblem of(LoginKind kind) {
        return switch (kind) {
            case APP_ONLY -> APP_ONLY_NOT_SUPPORTED;
            case DELEGATED_PERSONAL -> PERSONAL_NOT_SUPPORTED;
            case DELEGATED_WORK -> DELEGATED_NOT_SUPPORTED;
        };
    }

    @Override
    public String slug() {
        return slug;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String bundle() {
        return "capability-problems";
    }
}
