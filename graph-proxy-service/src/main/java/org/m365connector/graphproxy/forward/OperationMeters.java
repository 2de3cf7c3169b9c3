package org.m365connector.graphproxy.forward;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Times calls by registration, kind of account and operation. A registration has so many series at most, and what comes later is
 * its {@code other}: no portal's odd calls take the series of another one. Beyond so many of all, those of new registrations are
 * the {@code other} of all.
 */
final class OperationMeters {

    private static final int MOST_OF_ONE = 200;
    private static final int MOST = 4_000;
    private static final String OTHER = "other";

    private record Key(String registration, String account, String operation, Calls.Outcome outcome) {}

    private final MeterRegistry meters;
    private final Map<Key, Timer> timers = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> ofRegistration = new ConcurrentHashMap<>();

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

    /** What is the others' is few: kinds of accounts, and ways to end. */
    private Key bounded(Key key) {
        if (timers.size() >= MOST) {
            return new Key(OTHER, key.account(), OTHER, key.outcome());
        }
        AtomicInteger own = ofRegistration.computeIfAbsent(key.registration(), name -> new AtomicInteger());
        if (own.get() >= MOST_OF_ONE) {
            return new Key(key.registration(), key.account(), OTHER, key.outcome());
        }
        own.incrementAndGet();
        return key;
    }

    private Timer timer(Key key) {
        return Timer.builder("m365.proxy.operations")
                .description("Calls to Graph by registration, kind of account and operation")
                .tag("registration", key.registration())
                .tag("account", key.account())
                .tag("operation", key.operation())
                .tag("outcome", key.outcome().label())
                .register(meters);
    }
}
