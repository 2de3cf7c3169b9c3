package org.m365connector.graphproxy.forward;

import java.util.concurrent.atomic.AtomicLong;

/** How much of all callers' bodies may be in memory at once. What does not fit is streamed, or must come again. */
final class KeptBodies {

    private final long most;
    private final AtomicLong kept = new AtomicLong();

    KeptBodies(long most) {
        this.most = most;
    }

    /** @return whether there was room */
    boolean take(long bytes) {
        if (kept.addAndGet(bytes) <= most) {
            return true;
        }
        kept.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        kept.addAndGet(-bytes);
    }

    long kept() {
        return kept.get();
    }
}
