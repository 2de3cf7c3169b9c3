package org.m365connector.problem;

/** What can be wrong with any request to any service. */
public enum RequestProblem implements ProblemType {
    INVALID_REQUEST("invalid-request", 400),
    UNAUTHORIZED("unauthorized", 401),
    FORBIDDEN("forbidden", 403),
    NOT_FOUND("not-found", 404),
    METHOD_NOT_ALLOWED("method-not-allowed", 405),
    NOT_ACCEPTABLE("not-acceptable", 406),
    CONFLICT("conflict", 409),
    PRECONDITION_FAILED("precondition-failed", 412),
    TOO_LARGE("too-large", 413),
    UNSUPPORTED_MEDIA_TYPE("unsupported-media-type", 415),
    PRECONDITION_REQUIRED("precondition-required", 428),
    INTERNAL_ERROR("internal-error", 500),
    UNAVAILABLE("unavailable", 503);

    private final String slug;
    private final int status;

    RequestProblem(String slug, int status) {
        this.slug = slug;
        this.status = status;
    }

    /** The type for an HTTP status of 400 or more that says nothing but its number. */
    static RequestProblem ofStatus(int status) {
        for (RequestProblem type : values()) {
            if (type.status == status) {
                return type;
            }
        }
        return status >= 500 ? INTERNAL_ERROR : INVALID_REQUEST;
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
        return "request-problems";
    }
}
