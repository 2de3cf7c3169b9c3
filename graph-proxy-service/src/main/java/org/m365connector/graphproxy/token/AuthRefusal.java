package org.m365connector.graphproxy.token;

import java.util.Map;
import java.util.Optional;

/** auth-service's own problem, which the caller is to read as it is: {@code login-required} with its link, for one. */
public final class AuthRefusal extends RuntimeException {

    private final int status;
    private final String slug;
    private final transient Map<String, Object> body;
    private final transient Optional<String> retryAfter;

    AuthRefusal(int status, String slug, Map<String, Object> body, Optional<String> retryAfter) {
        // No stack: it is an answer, and may come often.
        super(slug, null, false, false);
        this.status = status;
        this.slug = slug;
        this.body = body;
        this.retryAfter = retryAfter;
    }

    public int status() {
        return status;
    }

    public String slug() {
        return slug;
    }

    /** The problem object. */
    public Map<String, Object> body() {
        return body;
    }

    public Optional<String> retryAfter() {
        return retryAfter;
    }
}
