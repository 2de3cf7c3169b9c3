package org.m365connector.sync.graph;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import java.net.URI;
import java.util.Optional;

/** The suite's other services, and how the world reaches this one. */
@ConfigMapping(prefix = "m365")
public interface Neighbours {
    /** Base URL of graph-proxy-service, the only way to Graph. */
    URI proxyUrl();

    /** Base URL of auth-service, which makes sign-in links. */
    URI authUrl();

    /** Public base URL of this service, to which Graph sends notifications; without it watches are polled only. */
    @WithName("public.notification-url")
    Optional<URI> publicNotificationUrl();
}
