package org.m365connector.view;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of the views of compacted topics. */
@ConfigMapping(prefix = "m365.view")
interface ViewConfig {
    /** After having been away for longer, a view is built anew: the topics' {@code delete.retention.ms}. */
    @WithDefault("7D")
    Duration rebuildAfter();

    /** How often a view makes sure that it is complete. */
    @WithDefault("5S")
    Duration probeInterval();

    /** From this age on a view counts as stale: a warning in the log, and 1 in the metric {@code m365.view.stale}. */
    @WithDefault("30S")
    Duration staleAfter();
}
