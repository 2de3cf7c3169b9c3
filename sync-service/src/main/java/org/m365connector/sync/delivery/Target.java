package org.m365connector.sync.delivery;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Where a portal wants its events. As with the addresses that a login may return to, only origins that the administrator has
 * written down for the portal will do: whoever holds a portal's key cannot make us call another machine.
 */
record Target(URI url) {
    private static final int LONGEST = 2_000;
    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    /** @throws IllegalArgumentException with what is wrong with it, for people */
    static Target of(String text) {
        URI url;
        try {
            url = new URI(text.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("url is no URL", e);
        }
        if (text.length() > LONGEST
                || url.getHost() == null
                || url.getRawUserInfo() != null
                || url.getRawFragment() != null) {
            throw new IllegalArgumentException("url must be absolute, without user and fragment");
        }
        String host = url.getHost().toLowerCase(Locale.ROOT);
        boolean secure = "https".equalsIgnoreCase(url.getScheme());
        // The portal's key travels along; on this machine nobody listens.
        if (!secure && !("http".equalsIgnoreCase(url.getScheme()) && THIS_MACHINE.contains(host))) {
            throw new IllegalArgumentException("url must begin with https://");
        }
        return new Target(url);
    }

    boolean liesIn(List<String> origins) {
        return origins.stream().map(Target::origin).anyMatch(Optional.of(origin(url))::equals);
    }

    private static Optional<String> origin(String text) {
        try {
            URI url = new URI(text);
            return url.getHost() == null || url.getScheme() == null ? Optional.empty() : Optional.of(origin(url));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String origin(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        int usual = scheme.equals("https") ? 443 : 80;
        int port = url.getPort() == -1 ? usual : url.getPort();
        return scheme + "://" + url.getHost().toLowerCase(Locale.ROOT) + ":" + port;
    }
}
