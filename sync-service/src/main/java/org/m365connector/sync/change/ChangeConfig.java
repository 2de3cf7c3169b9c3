package org.m365connector.sync.change;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What is told, and kept, of changes. */
@ConfigMapping(prefix = "m365.sync.change")
interface ChangeConfig {
    /**
     * For how long a deleted resource is remembered. Longer than events are kept anywhere and than Graph replays: one that comes
     * back later begins anew, and the id of its next deletion is that of the one before.
     */
    @WithDefault("30D")
    Duration keepDeleted();

    /** What people wrote in one mail or message, where a watch wants it, at most so many characters; more is left out. */
    @WithDefault("200000")
    int longestContent();

    /** While a container is read as a whole: how often its watches are told how far that has got, at most. */
    @WithDefault("5S")
    Duration progressEvery();
}
