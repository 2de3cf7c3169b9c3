package org.m365connector.sync.watch;

import org.m365connector.sync.SyncProblem;

/** What a watch means is there, and cannot be watched by whoever acts. */
final class CannotBeWatchedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final SyncProblem why;

    CannotBeWatchedException(SyncProblem why) {
        super(why.slug());
        this.why = why;
    }

    SyncProblem why() {
        return why;
    }
}
