package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpClientResponse;

/**
 * What is known of a call at Graph: whether it may have happened there, and by which ids it is found again. Over all attempts.
 */
final class Trace {

    private boolean asked;

    /** This attempt: Graph may have seen something of it and has not said that it did not execute it. */
    private boolean underWay;

    /** An attempt before this one ended without anybody knowing whether it was executed. */
    private boolean unclear;

    private int status;
    private String requestId;
    private String clientRequestId;

    /** @param clientRequestId the caller's own, or null */
    Trace(String clientRequestId) {
        this.clientRequestId = clientRequestId;
    }

    /** It is Graph's turn, whether or not it can be reached. */
    void asks() {
        asked = true;
    }

    /** @param id by which Graph's support finds the call */
    void sends(String id) {
        asked = true;
        underWay = true;
        clientRequestId = id;
    }

    void answered(HttpClientResponse response) {
        status = response.statusCode();
        requestId = response.getHeader("request-id");
    }

    /** Graph says so of this attempt. */
    void notExecuted() {
        underWay = false;
    }

    /** It is going to be sent again although it may have been executed. */
    void repeated() {
        unclear = true;
    }

    /** The caller gets this instead of Graph's answer. */
    void replacedBy(int ours) {
        status = ours;
    }

    boolean asked() {
        return asked;
    }

    /** Whether any attempt may have been executed. */
    boolean mayHaveHappened() {
        return underWay || unclear;
    }

    /** What the caller gets; 0 if nothing yet. */
    int status() {
        return status;
    }

    /** Graph's own id of the latest attempt, or null. */
    String requestId() {
        return requestId;
    }

    /** The one for all attempts; before the first the caller's own, or null. */
    String clientRequestId() {
        return clientRequestId;
    }
}
