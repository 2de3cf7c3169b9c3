package org.m365connector.sync.watch;

import java.util.Optional;

/** What the API tells of a container's subscription; answered by the feature that keeps them. */
public interface SubscriptionViews {
    Optional<WatchView.SubscriptionView> of(long containerId);

    /** Why a container is polled; empty where notifications come, or where that is not known yet. */
    Optional<String> whyPolled(long containerId);

    /** Whether a container waits for a subscription; not so where Graph cannot reach us and everything is polled. */
    boolean wanted();
}
