package org.m365connector.sync;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** libs/backends remembers in these system properties what it has started; unknown keys would fail the start. */
@ConfigMapping(prefix = "m365.backends")
interface BackendsKeys {
    Optional<String> kafka();

    Optional<String> postgres();
}
