package org.m365connector.problem;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one exception for an error that a caller is told about. It becomes an {@code application/problem+json} answer.
 *
 * <p>Its arguments and members reach the caller: never put a token, a secret or a foreign exception's text into them.
 */
public final class ProblemException extends RuntimeException {

    private final transient ProblemType type;
    private final transient Object[] arguments;
    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /** @param arguments fill the placeholders of the detail text */
    public ProblemException(ProblemType type, Object... arguments) {
        super(type.slug());
        this.type = type;
        this.arguments = arguments.clone();
    }

    /** Adds an extension member to the answer. */
    public ProblemException with(String member, Object value) {
        members.put(member, value);
        return this;
    }

    /** Adds a header to the answer, {@code Retry-After} for one. */
    public ProblemException withHeader(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Keeps the cause for our own log; the caller never sees it. */
    public ProblemException causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }

    public ProblemType type() {
        return type;
    }

    public Map<String, String> headers() {
        return Map.copyOf(headers);
    }

    Object[] arguments() {
        return arguments.clone();
    }

    Map<String, Object> members() {
        return members;
    }
}
