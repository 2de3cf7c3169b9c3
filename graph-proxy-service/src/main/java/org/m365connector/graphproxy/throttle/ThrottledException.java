package org.m365connector.graphproxy.throttle;

/** A call that would have to wait longer than its caller should. No stack: under load it comes often. */
public final class ThrottledException extends RuntimeException {

    private final String scope;
    private final long retryAfterSeconds;

    ThrottledException(String scope, long millis) {
        super(scope, null, false, false);
        this.scope = scope.substring(0, Math.max(0, scope.indexOf('/')));
        retryAfterSeconds = Math.max(1, (millis + 999) / 1000);
    }

    /** What is used up: app, tenant, mailbox, team, channel, chat or user. */
    public String scope() {
        return scope;
    }

    /** Rounded up, so that whoever obeys does not come too early. */
    public long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
