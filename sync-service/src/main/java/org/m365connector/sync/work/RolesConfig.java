package org.m365connector.sync.work;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Set;

/** Which parts of this service run here. */
@ConfigMapping(prefix = "m365.sync")
public interface RolesConfig {
    /** Any of {@code door}, {@code inbound}, {@code outbound}. */
    @WithDefault("door,inbound,outbound")
    Set<Role> roles();
}
