package org.m365connector.graphproxy.forward;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks at the calls under way now and then, and ends those that hardly move and those that Graph leaves without an answer. A byte now and then keeps a connection from being
 * idle, and so a place in memory, a connection to Graph and one of four places at a mailbox from being free.
 */
final class Pace {

    /** Bytes between two looks; slower than that is no network. */
    static final long LEAST = 4096;

    private final Set<Exchange> underWay = ConcurrentHashMap.newKeySet();
    private final Duration every;
    private final long answersEveryMillis;

    /**
     * @param every a call is ended after one to two of it
     * @param answerTimeout how long Graph may be silent; it is looked at so often that hardly more comes on top
     */
    Pace(Duration every, Duration answerTimeout) {
        this.every = every;
        answersEveryMillis = Math.max(1, Math.min(1_000, answerTimeout.toMillis() / 20));
    }

    void start(Vertx vertx) {
        vertx.setPeriodic(every.toMillis(), tick -> underWay.forEach(Exchange::look));
        vertx.setPeriodic(answersEveryMillis, tick -> {
            long now = System.nanoTime();
            underWay.forEach(call -> call.lookForAnswer(now));
        });
    }

    void began(Exchange call) {
        underWay.add(call);
    }

    void ended(Exchange call) {
        underWay.remove(call);
    }

    int underWay() {
        return underWay.size();
    }
}
