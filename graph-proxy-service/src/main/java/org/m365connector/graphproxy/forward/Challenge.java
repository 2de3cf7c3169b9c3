package org.m365connector.graphproxy.forward;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Graph's claims challenge (continuous access evaluation): which claims it wants to see in a new token. */
final class Challenge {

    /** A header may hold several challenges, so the parameter is looked for wherever it stands. */
    private static final Pattern CLAIMS = Pattern.compile("(?:^|[\\s,])claims=\"([^\"]+)\"");

    private Challenge() {}

    /**
     * The claims as JSON text.
     *
     * @param authenticate the headers {@code WWW-Authenticate} of a 401
     */
    static Optional<String> claims(List<String> authenticate) {
        return authenticate.stream()
                .map(CLAIMS::matcher)
                .filter(Matcher::find)
                .flatMap(matcher -> decode(matcher.group(1)).stream())
                .findFirst();
    }

    private static Optional<String> decode(String base64) {
        String unpadded = base64.replace("=", "").replace('-', '+').replace('_', '/');
        try {
            return Optional.of(new String(Base64.getDecoder().decode(unpadded), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
