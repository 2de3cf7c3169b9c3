package org.m365connector.sync.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.m365connector.sync.graph.RetryAfter;

/** What came of offering an event to a portal. */
sealed interface Answer {
    /** Longer than this nobody can ask us to wait: what was repaired meanwhile would wait too. */
    Duration LONGEST_ASKED = Duration.ofHours(1);

    /** These say nothing about the event: nobody is there, the key or the address is wrong, or it is too much just now. */
    Set<Integer> ABOUT_THE_PORTAL = Set.of(401, 403, 404, 405, 407, 408, 425, 429, 502, 503, 504);

    /** It has it. */
    record Taken() implements Answer {
        @Override
        public String words() {
            return "taken";
        }
    }

    /** It says that something is wrong with this event. */
    record Refused(int status) implements Answer {
        @Override
        public String words() {
            return "HTTP " + status;
        }
    }

    /** It broke over this event, or it is broken. */
    record Broken(int status) implements Answer {
        @Override
        public String words() {
            return "HTTP " + status;
        }
    }

    /** It is not there, or does not listen. */
    record Away(String words, Optional<Duration> retryAfter) implements Answer {}

    /** For people. */
    String words();

    /** For metrics. */
    default String end() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    static Answer of(int status, Optional<String> retryAfter, Instant now) {
        if (status >= 200 && status < 300) {
            return new Taken();
        }
        if (status < 400 || ABOUT_THE_PORTAL.contains(status)) {
            Optional<Duration> asked = status == 429 || status == 503
                    ? retryAfter
                            .flatMap(header -> RetryAfter.parse(header, now))
                            .map(pause -> pause.compareTo(LONGEST_ASKED) > 0 ? LONGEST_ASKED : pause)
                    : Optional.empty();
            return new Away("HTTP " + status, asked);
        }
        return status < 500 ? new Refused(status) : new Broken(status);
    }
}
