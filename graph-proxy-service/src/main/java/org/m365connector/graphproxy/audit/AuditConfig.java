package org.m365connector.graphproxy.audit;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The record of all calls on {@code m365.audit}. */
@ConfigMapping(prefix = "m365.audit")
interface AuditConfig {

    /** Whether calls are recorded. */
    @WithDefault("true")
    boolean enabled();

    /** Calls that may wait to be written; more are dropped and counted in {@code m365.proxy.audit.dropped}. */
    @WithDefault("20000")
    int queue();
}
