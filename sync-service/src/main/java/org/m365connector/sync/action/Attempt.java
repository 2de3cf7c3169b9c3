package org.m365connector.sync.action;

import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.sync.watch.WatchRequest;

/** One attempt at one action by the worker that has claimed it. */
interface Attempt {
    PortalId portal();

    String actionId();

    GraphServiceClient graph();

    /** The account that acts, as far as the views know. */
    AccountId account();

    /** User principal name and id of the acting account; none where the views do not know them yet. */
    Set<String> accountNames();

    /** What earlier attempts have left at Graph, or may have. */
    Optional<Step> trace();

    /**
     * Writes down what is about to be done and renews the lease; nothing that changes Graph may be called before.
     *
     * @throws org.m365connector.sync.work.LeaseLostException where another worker has taken over
     */
    void begin(Step step);

    /** Makes a watch on behalf of the portal user who acts; of one id only one. */
    void watch(String id, WatchRequest wanted);

    Instant now();

    /** By when a call that begins now has surely ended. */
    Instant callEndsBy();

    /** See {@link ActionConfig#mailSettle}. */
    Duration mailSettle();
}
