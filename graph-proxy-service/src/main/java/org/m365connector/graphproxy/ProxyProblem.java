package org.m365connector.graphproxy;

import org.m365connector.problem.ProblemType;

/** What can be wrong with a call to Graph before, instead of and after Graph's own answer. */
public enum ProxyProblem implements ProblemType {
    PATH_NOT_ALLOWED("path-not-allowed", 400),
    PORTAL_USER_MISSING("portal-user-missing", 400),
    ACCOUNT_NOT_NAMED("account-not-named", 400),
    NOT_ENTITLED("not-entitled", 403),
    NOT_ASSIGNED("not-assigned", 403),
    ACCOUNT_NOT_ASSIGNED("account-not-assigned", 403),
    PORTAL_USER_UNKNOWN("portal-user-unknown", 404),
    REGISTRATION_UNKNOWN("registration-unknown", 404),
    REGISTRATION_INCOMPLETE("registration-incomplete", 409),
    REGISTRATION_ENDING("registration-ending", 409),
    BATCH_INVALID("batch-invalid", 400),
    BATCH_REFUSED("batch-refused", 422),
    BATCH_TOO_LARGE("batch-too-large", 413),
    BODY_TOO_SLOW("body-too-slow", 408),
    THROTTLED_BY_CONNECTOR("throttled-by-connector", 429),
    GRAPH_TOKEN_REFUSED("graph-token-refused", 401),
    TOKEN_RENEWED("token-renewed", 503),
    GRAPH_UNREACHABLE("graph-unreachable", 502),
    GRAPH_HOST_NOT_ALLOWED("graph-host-not-allowed", 502),
    GRAPH_ANSWER_ENCODED("graph-answer-encoded", 502),
    GRAPH_TIMEOUT("graph-timeout", 504),
    AUTH_UNAVAILABLE("auth-unavailable", 503),
    TOO_MANY_CALLS("too-many-calls", 503);

    private final String slug;
    private final int status;

    ProxyProblem(String slug, int status) {
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
