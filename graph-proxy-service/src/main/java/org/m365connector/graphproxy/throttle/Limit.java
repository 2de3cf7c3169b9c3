package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many calls in a time, or so many at once.
 *
 * @param window zero for calls at once
 */
record Limit(int count, Duration window) {

    /** Of a scope that is only ever closed by a 429. */
    static final Limit NONE = new Limit(Integer.MAX_VALUE, Duration.ZERO);

    private static final Pattern IN_A_TIME = Pattern.compile("(\\d{1,9})/(\\d{1,6})");
    private static final Pattern AT_ONCE = Pattern.compile("(\\d{1,9}) +at +once");

    Limit {
        if (count < 1) {
            throw new IllegalArgumentException("a limit below 1 lets nobody through");
        }
    }

    /** @param text {@code 10000/600} (calls/seconds) or {@code 4 at once} */
    static Limit parse(String text) {
        Matcher inATime = IN_A_TIME.matcher(text);
        if (inATime.matches() && !inATime.group(2).matches("0+")) {
            return new Limit(
                    Integer.parseInt(inATime.group(1)), Duration.ofSeconds(Integer.parseInt(inATime.group(2))));
        }
        Matcher atOnce = AT_ONCE.matcher(text);
        if (atOnce.matches()) {
            return new Limit(Integer.parseInt(atOnce.group(1)), Duration.ZERO);
        }
        throw new IllegalArgumentException("not a limit (calls/seconds, or N at once): " + text);
    }

    boolean atOnce() {
        return window.isZero();
    }

    boolean none() {
        return count == Integer.MAX_VALUE;
    }

    /** Half of it: one in a longer time. */
    Limit half() {
        return new Limit(1, window.multipliedBy(2).dividedBy(count));
    }
}
