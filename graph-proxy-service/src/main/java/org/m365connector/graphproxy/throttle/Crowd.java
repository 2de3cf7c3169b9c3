package org.m365connector.graphproxy.throttle;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How many wait, over all apps: no more than so many for one scope, and than so many in all. */
final class Crowd {

    private final int mostForOneScope;
    private final int most;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong waited = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    Crowd(int mostForOneScope, int most) {
        this.mostForOneScope = mostForOneScope;
        this.most = most;
    }

    boolean admits(int waitingForTheScope) {
        return waitingForTheScope < mostForOneScope && waiting.get() < most;
    }

    void joined() {
        waiting.incrementAndGet();
        waited.incrementAndGet();
    }

    void left() {
        waiting.decrementAndGet();
    }

    void refused() {
        refused.incrementAndGet();
    }

    int waiting() {
        return waiting.get();
    }

    /** Since the start. */
    long waitedInAll() {
        return waited.get();
    }

    long refusedInAll() {
        return refused.get();
    }
}
