package org.m365connector.sync.graph;

/** Carries a {@link GraphFailure} out of Microsoft's SDK. */
public final class GraphException extends RuntimeException {
    private final transient GraphFailure failure;

    public GraphException(GraphFailure failure) {
        super(failure.toString());
        this.failure = failure;
    }

    public GraphException(GraphFailure failure, Throwable cause) {
        super(failure.toString(), cause);
        this.failure = failure;
    }

    public GraphFailure failure() {
        return failure;
    }
}
