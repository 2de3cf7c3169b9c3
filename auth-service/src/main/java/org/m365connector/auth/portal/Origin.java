package org.m365connector.auth.portal;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/** A web origin as browsers write it: scheme, host and a port that is not the default, nothing else. */
public record Origin(String value) {

    /** @throws IllegalArgumentException where it is not an http(s) origin */
    public Origin {
        if (of(value).filter(value::equals).isEmpty()) {
            throw new IllegalArgumentException("not an origin (https://portal.example)");
        }
    }

    /** The origin of a URL; empty where the text is no absolute http(s) URL without user info. */
    public static Optional<String> of(String url) {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean web = scheme.equals("https") || scheme.equals("http");
        if (!web || uri.getHost() == null || uri.getRawUserInfo() != null) {
            return Optional.empty();
        }
        int usual = scheme.equals("https") ? 443 : 80;
        String port = uri.getPort() == -1 || uri.getPort() == usual ? "" : ":" + uri.getPort();
        return Optional.of(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port);
    }
}
