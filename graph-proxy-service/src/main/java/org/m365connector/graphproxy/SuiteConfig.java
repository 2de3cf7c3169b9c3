package org.m365connector.graphproxy;

import io.smallrye.config.ConfigMapping;
import java.net.URI;

/** Where this service stands in the suite and in the network. */
@ConfigMapping(prefix = "m365")
public interface SuiteConfig {

    /** Base URL under which callers reach this service ({@code M365_PROXY_URL}); links in answers begin with it. */
    URI proxyUrl();

    /** Base URL of auth-service ({@code M365_AUTH_URL}). */
    URI authUrl();
}
