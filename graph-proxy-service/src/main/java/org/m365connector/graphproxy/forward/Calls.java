package org.m365connector.graphproxy.forward;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts and times calls by how they ended and which kind of account acted. */
final class Calls {

    /** How a call ended. */
    enum Outcome {
        /** Graph's answer, whatever it was, reached the caller. */
        ANSWERED,
        /** We refused it before Graph. */
        REFUSED,
        /** Graph could not be asked, or its answer not be passed on whole. */
        FAILED,
        /** The caller left. */
        ABANDONED;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** As records and figures say it. */
        String label() {
            return label;
        }
    }

    private record Key(Outcome outcome, String detail, String account) {}

    private final MeterRegistry meters;
    private final Map<Key, Timer> timers = new ConcurrentHashMap<>();

    Calls(MeterRegistry meters) {
        this.meters = meters;
    }

    /**
     * @param detail class of Graph's status ({@code 2xx}) or slug of the problem
     * @param account login mode, {@code none} where no account was found
     */
    void ended(Outcome outcome, String detail, String account, Duration duration) {
        Key key = new Key(outcome, detail, account);
        Timer timer = timers.get(key);
        if (timer == null) {
            timer = timers.computeIfAbsent(key, this::timer);
        }
        timer.record(duration);
    }

    private Timer timer(Key key) {
        return Timer.builder("m365.proxy.calls")
                .description("Calls to Graph by how they ended")
                .tag("outcome", key.outcome().label())
                .tag("detail", key.detail())
                .tag("account", key.account())
                .register(meters);
    }
}
