package org.m365connector.sync.graph;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How this service calls Graph. */
@ConfigMapping(prefix = "m365.sync.graph")
interface GraphConfig {
    /** How long a call may take before its outcome counts as not known. Leases may be shorter: they are renewed meanwhile. */
    @WithDefault("30S")
    Duration callTimeout();

    /** How long to wait for a connection to graph-proxy-service. */
    @WithDefault("3S")
    Duration connectTimeout();
}
