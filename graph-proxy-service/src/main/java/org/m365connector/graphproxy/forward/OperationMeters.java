package org.m365connector.graphproxy.forward;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Times calls by registration, kind of account and operation. So many series there are at most: what comes later is counted
 * as {@code other} of its registration, and beyond twice as many as {@code other} of all.
 */
final class OperationMeters {

    private static final int MOST = 2_000;
    private static final String OTHER = "other";

    private record Key(String registration, String account, String operation, Calls.Outcome outcome) {}

    private final MeterRegistry meters;
    private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

    OperationMeters(MeterRegistry meters) {
        this.meters = meters;
    }

    /** @param registration with its portal, {@code demo/Main} */
    void ended(String registration, String account, String operation, Calls.Outcome outcome, Duration duration) {
        Key key = new Key(registration, account, operation, outcome);
        Timer timer = timers.get(key);
        if (timer == null) {
            timer = timers.computeIfAbsent(bounded(key), this::timer);
        }
        timer.record(duration);
    }

    private Key bounded(Key key) {
        int size = timers.size();
        if (size < MOST) {
            return key;
        }
        return new Key(size < 2 * MOST ? key.registration() : OTHER, key.account(), OTHER, key.outcome());
    }

    private Timer timer(Key key) {
        return Timer.builder("m365.proxy.operations")
                .description("Calls to Graph by registration, kind of account and operation")
                .tag("registration", key.registration())
                .tag("account", key.account())
                .tag("operation", key.operation())
                .tag("outcome", key.outcome().name().toLowerCase(Locale.ROOT))
                .register(meters);
    }
}
