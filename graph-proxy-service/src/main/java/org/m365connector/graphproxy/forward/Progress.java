package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpServerRequest;

/** How far a call has come, in bytes between its caller and us, as it is looked at now and then. */
final class Progress {

    private final HttpServerRequest in;

    /** -1 where nothing was to be expected then. */
    private long atLastLook = -1;

    Progress(HttpServerRequest in) {
        this.in = in;
    }

    /** @return whether it has hardly moved since the last look */
    boolean look() {
        boolean slow = hardlyMoved();
        atLastLook = bytes();
        return slow;
    }

    /** Nothing is to be expected now. */
    void pause() {
        atLastLook = -1;
    }

    boolean hardlyMoved() {
        return atLastLook >= 0 && bytes() - atLastLook < Pace.LEAST;
    }

    private long bytes() {
        return in.bytesRead() + in.response().bytesWritten();
    }
}
