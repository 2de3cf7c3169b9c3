package org.m365connector.graphproxy.forward;

import java.net.URI;
import java.util.Locale;

/**
 * One cloud's Graph.
 *
 * @param origin scheme, host and, where it is not the default, port; lower case, no trailing slash
 */
record GraphHost(String origin, String host, int port, boolean tls) {

    /** @throws IllegalArgumentException where the text is not scheme, host and port of an HTTP server */
    static GraphHost of(String baseUrl) {
        URI uri = URI.create(baseUrl);
        String path = uri.getPath();
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        boolean http = "http".equalsIgnoreCase(uri.getScheme());
        boolean bare = path == null || path.isEmpty() || path.equals("/");
        if ((!tls && !http) || uri.getHost() == null || !bare || uri.getQuery() != null || uri.getUserInfo() != null) {
            throw new IllegalArgumentException("not the base URL of a Graph (https://host[:port]): " + baseUrl);
        }
        int usual = tls ? 443 : 80;
        int port = uri.getPort() < 0 ? usual : uri.getPort();
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        String origin = (tls ? "https://" : "http://") + host + (port == usual ? "" : ":" + port);
        return new GraphHost(origin, host, port, tls);
    }
}
