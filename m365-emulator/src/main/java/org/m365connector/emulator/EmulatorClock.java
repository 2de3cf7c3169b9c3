package org.m365connector.emulator;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** The emulator's time: the machine's, moved forward on demand. Everything that expires here asks this clock. */
public final class EmulatorClock extends Clock {

    private final Clock machine;
    private final ZoneId zone;
    private final AtomicReference<Duration> ahead;

    public EmulatorClock() {
        this(Clock.systemUTC(), ZoneOffset.UTC, new AtomicReference<>(Duration.ZERO));
    }

    private EmulatorClock(Clock machine, ZoneId zone, AtomicReference<Duration> ahead) {
        this.machine = machine;
        this.zone = zone;
        this.ahead = ahead;
    }

    /** Moves the time forward and says what time it is now. Time never goes back, so a negative duration is refused. */
    public Instant advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("time does not go back: " + by);
        }
        ahead.updateAndGet(by::plus);
        return instant();
    }

    /** Back to the machine's time. */
    public void reset() {
        ahead.set(Duration.ZERO);
    }

    @Override
    public Instant instant() {
        return machine.instant().plus(ahead.get());
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        return new EmulatorClock(machine, other, ahead);
    }
}
