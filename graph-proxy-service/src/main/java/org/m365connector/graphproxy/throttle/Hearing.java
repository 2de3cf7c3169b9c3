package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Whether the other replicas hear us and leave us our share: they have said so, and a second has passed besides. What we said proves it for a while when it has come back, counted from
 * when we said it: they count the same while from later, and it is longer for them. So nobody takes our share before we have left it.
 */
final class Hearing implements Standing {

    /** How long the others take to make room for somebody new. */
    private static final long SETTLING_MILLIS = 1_000;

    private final Time time;
    private final BooleanSupplier counted;
    private final long provenMillis;
    private final long missedMillis;
    private volatile long said = Long.MIN_VALUE / 2;
    private volatile long fullFrom = Long.MAX_VALUE;
    private volatile boolean caughtUp;
    private volatile boolean everHeard;

    /**
     * @param silence after which the others share what was ours
     * @param counted whether the others have said since we came that they count us
     */
    Hearing(Time time, Duration silence, BooleanSupplier counted) {
        this.time = time;
        this.counted = counted;
        provenMillis = silence.toMillis() * 3 / 5;
        missedMillis = silence.toMillis() * 2;
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

    @Override
    public boolean heard() {
        boolean heard = knowsOthers() && time.millis() >= fullFrom && counted.getAsBoolean();
        if (heard && !everHeard) {
            everHeard = true;
        }
        return heard;
    }

    /** They hear of it at the latest a silence after we have said that we hear nothing. */
    @Override
    public boolean missed() {
        return time.millis() - said > missedMillis;
    }

    boolean everHeard() {
        return everHeard || heard();
    }

    /** Whether we know what is said, so that we leave the others their shares. */
    boolean knowsOthers() {
        return caughtUp && time.millis() - said <= provenMillis;
    }
}
