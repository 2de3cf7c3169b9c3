package org.m365connector.sync.work;

import io.micrometer.core.instrument.Metrics;
import org.jboss.logging.Logger;

/** What nobody has foreseen is no reason to stop, and must be seen. */
public final class Unforeseen {
    /** The problem of what failed so. */
    public static final String WORDS = "unforeseen-failure";

    private Unforeseen() {}

    /**
     * @param what failed, as {@code key=value}
     * @param again whether it failed so before; then it is counted only
     */
    public static void note(Logger log, Throwable failure, String what, boolean again) {
        Metrics.counter("m365.sync.unforeseen").increment();
        if (!again) {
            log.errorf(failure, "failed in an unforeseen way, tried again %s", what);
        }
    }
}
