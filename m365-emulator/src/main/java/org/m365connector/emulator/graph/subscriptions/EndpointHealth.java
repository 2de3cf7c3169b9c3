package org.m365connector.emulator.graph.subscriptions;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * How an endpoint has answered of late.
 *
 * <pre>
 *   normal --10 % over 3 s--> slow: everything new comes 10 min late
 *   normal, slow --15 % over 10 s--> drop: everything new is lost for 10 min
 *   slow, drop --time over--> normal, judged afresh
 * </pre>
 */
final class EndpointHealth {

    private static final int FEW = 10;

    private record Sample(Instant at, Duration took) {}

    private final Switches switches;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Instant slowUntil = Instant.MIN;
    private Instant dropUntil = Instant.MIN;

    EndpointHealth(Switches switches) {
        this.switches = switches;
    }

    void answered(Instant now, Duration took) {
        if (!switches.flag("delivery.slowAndDropStates")) {
            return;
        }
        samples.addLast(new Sample(now, took));
        Instant begin = now.minus(switches.seconds("delivery.stateWindowSeconds"));
        while (samples.peekFirst() != null && samples.peekFirst().at().isBefore(begin)) {
            samples.removeFirst();
        }
        if (samples.size() < FEW) {
            return;
        }
        Duration stateLasts = switches.seconds("delivery.stateWindowSeconds");
        if (percentOver("delivery.drop.overSeconds") > switches.number("delivery.drop.percent")) {
            dropUntil = now.plus(stateLasts);
            samples.clear();
        } else if (percentOver("delivery.slow.overSeconds") > switches.number("delivery.slow.percent")) {
            slowUntil = now.plus(stateLasts);
            samples.clear();
        }
    }

    private double percentOver(String path) {
        Duration over = switches.seconds(path);
        long slow = samples.stream()
                .filter(sample -> sample.took().compareTo(over) >= 0)
                .count();
        return 100.0 * slow / samples.size();
    }

    /** By how much everything new comes later. */
    Duration delay(Instant now) {
        return now.isBefore(slowUntil) ? switches.seconds("delivery.stateWindowSeconds") : Duration.ZERO;
    }

    boolean drops(Instant now) {
        return now.isBefore(dropUntil);
    }

    String name(Instant now) {
        return drops(now) ? "drop" : now.isBefore(slowUntil) ? "slow" : "normal";
    }
}
