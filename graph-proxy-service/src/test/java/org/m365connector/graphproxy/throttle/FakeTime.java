package org.m365connector.graphproxy.throttle;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.PriorityQueue;

/** A clock that a test moves, and the timers that run when it does. */
final class FakeTime extends Clock implements Timers {

    private record Timer(long at, long number, Runnable task) {}

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(java.util.Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private long now = 1_800_000_000_000L;
    private long number;

    void pass(long millis) {
        long end = now + millis;
        while (!timers.isEmpty() && timers.peek().at() <= end) {
            Timer next = timers.poll();
            now = Math.max(now, next.at());
            next.task().run();
        }
        now = end;
    }

    @Override
    public void after(long millis, Runnable task) {
        timers.add(new Timer(now + millis, number++, task));
    }

    @Override
    public long millis() {
        return now;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(now);
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
