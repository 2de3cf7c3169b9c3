package org.m365connector.graphproxy.throttle;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that a test moves, and the tasks that run when it does. */
final class FakeTime implements Time {

    private record Timer(long at, long number, Runnable task) {}

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private long now = 1_800_000_000_000L;
    private long number;

    synchronized void pass(long millis) {
        long end = now + millis;
        while (!timers.isEmpty() && timers.peek().at() <= end) {
            Timer next = timers.poll();
            now = Math.max(now, next.at());
            next.task().run();
        }
        now = end;
    }

    @Override
    public synchronized void after(long millis, Runnable task) {
        timers.add(new Timer(now + millis, number++, task));
    }

    @Override
    public synchronized long millis() {
        return now;
    }
}
