package org.m365connector.assignment.problem;

import org.m365connector.problem.ProblemType;

/** What this service can object to. */
public enum AssignmentProblem implements ProblemType {
    PORTAL_UNKNOWN("portal-unknown", 404),
    IMPORT_REFUSED("import-refused", 422),
    IMPORT_COLUMNS("import-columns", 422),
    IMPORT_LINE_TOO_LONG("import-line-too-long", 422),
    IMPORT_NOT_READABLE("import-not-readable", 422),
    IMPORT_DUPLICATE("import-duplicate", 422),
    IMPORT_TOO_SLOW("import-too-slow", 408),
    CHANGE_UNDER_WAY("change-under-way", 503),
    TRANSFERS_BUSY("transfers-busy", 503),
    PORTAL_USER_UNKNOWN("portal-user-unknown", 404),
    PORTAL_USER_RESERVED("portal-user-reserved", 422),
    GROUP_UNKNOWN("group-unknown", 404),
    GROUP_WITHIN_ITSELF("group-within-itself", 422),
    GROUPS_NESTED_TOO_DEEP("groups-nested-too-deep", 422),
    TECHNICAL_USER_UNKNOWN("technical-user-unknown", 404),
    REGISTRATION_UNKNOWN("registration-unknown", 404),
    ASSIGNMENT_UNKNOWN("assignment-unknown", 404),
    ASSIGNMENT_EXISTS("assignment-exists", 409),
    PRINCIPAL_INVALID("principal-invalid", 422),
    PRINCIPAL_FIXED("principal-fixed", 422),
    ACCOUNTS_INVALID("accounts-invalid", 422),
    ACCOUNT_UNKNOWN("account-unknown", 422),
    DEFAULT_NOT_ASSIGNED("default-not-assigned", 422),
    NARROWING_INVALID("narrowing-invalid", 422),
    NARROWING_TOO_LARGE("narrowing-too-large", 422),
    LAST_ADMINISTRATOR_ASSIGNMENT("last-administrator-assignment", 409);

    private final String slug;
    private final int status;

    AssignmentProblem(String slug, int status) {
        this.slug = slug;
        this.status = status;
    }

    @Override
    public String slug() {
        return slug;
    }

    @Override
    public int status() {
        return status;
    }
}
