package org.m365connector.graphproxy.throttle;

import java.time.Duration;

/**
 * Whether the other replicas hear us and leave us our share. What we said proves it for a while when it has come back, counted from
 * when we said it: they count the same while from later, and it is longer for them. So nobody takes our share before we have left it.
 */
final class Hearing {

    /** How long the others take to make room for somebody new. */
    private static final long SETTLING_MILLIS = 1_000;

    private final Time time;
    private final long provenMillis;
    private volatile long said = Long.MIN_VALUE / 2;
    private volatile long fullFrom = Long.MAX_VALUE;
    private volatile boolean caughtUp;
    private volatile boolean everHeard;

    /** @param silence after which the others share what was ours */
    Hearing(Time time, Duration silence) {
        this.time = time;
        provenMillis = silence.toMillis() * 3 / 5;
    }

    /** @param saidAt when we said what has now come back */
    void heardSelf(long saidAt) {
        long now = time.millis();
        if (now - said > provenMillis) {
            fullFrom = now + SETTLING_MILLIS;
        }
        said = Math.max(said, saidAt);
    }

    /** Everything has been read that was said before we came. */
    void caughtUp(boolean alone) {
        caughtUp = true;
        if (alone) {
            fullFrom = time.millis();
        }
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    boolean heard() {
        boolean heard = caughtUp && proven();
        if (heard && !everHeard) {
            everHeard = true;
        }
        return heard;
    }

    boolean everHeard() {
        return everHeard || heard();
    }

    private boolean proven() {
        long now = time.millis();
        return now - said <= provenMillis && now >= fullFrom;
    }
}
