package org.m365connector.access;

import io.smallrye.config.ConfigMapping;
import java.util.List;

/** Keys of those who run the suite. Both come from the environment or a secret file and have no default. */
@ConfigMapping(prefix = "m365")
public interface AccessConfig {

    /** The administrator's key ({@code M365_ADMIN_KEY}), at least 16 characters. */
    String adminKey();

    /**
     * Keys with which services of the suite call each other ({@code M365_SERVICE_KEYS}, separated by commas), each at least 16
     * characters. All are accepted; the first is sent. Two while one is being replaced.
     */
    List<String> serviceKeys();
}
