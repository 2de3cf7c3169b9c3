package org.m365connector.graphproxy.forward;

/**
 * Turns Graph's absolute URLs into the proxy's, as the caller addressed it.
 *
 * @param graphOrigin {@code https://graph.microsoft.com}, lower case
 * @param callerBase {@code https://proxy.example/graph/demo/Main/as/0A1B…}
 */
record Links(String graphOrigin, String callerBase) {

    /** URLs of other hosts (downloads, upload sessions) and relative ones stay as they are. */
    String rewrite(String url) {
        boolean graphs = url.length() > graphOrigin.length()
                && url.charAt(graphOrigin.length()) == '/'
                && url.regionMatches(true, 0, graphOrigin, 0, graphOrigin.length());
        return graphs ? callerBase + url.substring(graphOrigin.length()) : url;
    }
}
