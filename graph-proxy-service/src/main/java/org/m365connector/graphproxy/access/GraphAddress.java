package org.m365connector.graphproxy.access;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.problem.ProblemException;

/**
 * What a caller asked for: {@code /graph/{portal}/{registration}[/as/{portalUser}]/{v1.0|beta}/…} or
 * {@code /graph/{portal}/{registration}/capabilities}.
 *
 * <p>Everything that a server behind us could read otherwise than we do is refused; what is left is sent on byte by byte as
 * it came, because Graph's ids are case-sensitive and some clients encode what others do not.
 *
 * @param base the raw path before the version, as the caller wrote it; links given to him begin with it
 * @param target the raw path and query from the version on ({@code /v1.0/me?$top=1}); empty for the capabilities
 */
public record GraphAddress(
        PortalId portal,
        RegistrationName registration,
        Optional<PortalUser> portalUser,
        String base,
        Optional<String> target) {

    private static final String ROOT = "/graph/";
    private static final String PATH_PUNCTUATION = "-._~!$&'()*+,;=:@/";

    /** Whether a request's URI is meant for us at all. */
    public static boolean isMeant(String rawUri) {
        // In absolute form the authority would have to be trusted or ignored; no client of an ordinary server sends it.
        return rawUri.startsWith(ROOT) || (!rawUri.startsWith("/") && rawUri.contains(ROOT));
    }

    /** @throws ProblemException {@code path-not-allowed} */
    public static GraphAddress parse(String rawUri) {
        if (!rawUri.startsWith(ROOT)) {
            throw refused("absolute-form");
        }
        int question = rawUri.indexOf('?');
        String path = question < 0 ? rawUri : rawUri.substring(0, question);
        checkPath(path);
        if (question >= 0) {
            checkQuery(rawUri, question + 1);
        }

        Segments segments = new Segments(path, ROOT.length());
        PortalId portal;
        RegistrationName registration;
        Optional<PortalUser> portalUser = Optional.empty();
        try {
            portal = new PortalId(segments.next());
            registration = new RegistrationName(segments.next());
        } catch (IllegalArgumentException e) {
            throw refused("portal-or-registration");
        }
        int baseEnd = segments.position() - 1;
        String word = segments.next();
        if (word.equals("capabilities") && segments.atEnd()) {
            return new GraphAddress(
                    portal, registration, portalUser, path.substring(0, Math.max(0, baseEnd)), Optional.empty());
        }
        if (word.equals("as")) {
            portalUser = Optional.of(portalUser(segments.next()));
            baseEnd = segments.position() - 1;
            word = segments.next();
        }
        if (!word.equals("v1.0") && !word.equals("beta")) {
            throw refused("version");
        }
        return new GraphAddress(
                portal, registration, portalUser, path.substring(0, baseEnd), Optional.of(rawUri.substring(baseEnd)));
    }

    /** Path of the target without the query; only for calls. */
    public String targetPath() {
        String raw = target.orElseThrow();
        int question = raw.indexOf('?');
        return question < 0 ? raw : raw.substring(0, question);
    }

    /** Raw query of the target, empty where there is none; only for calls. */
    public String targetQuery() {
        String raw = target.orElseThrow();
        int question = raw.indexOf('?');
        return question < 0 ? "" : raw.substring(question + 1);
    }

    private static PortalUser portalUser(String rawSegment) {
        try {
            // A plus sign is itself in a path, unlike in a form.
            return new PortalUser(URLDecoder.decode(rawSegment.replace("+", "%2B"), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw refused("portal-user");
        }
    }

    private static void checkPath(String path) {
        int segmentStart = 0;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '%') {
                checkEncoded(path, i);
                i += 2;
            } else if (c == '/') {
                checkSegment(path, segmentStart, i);
                segmentStart = i + 1;
                if (segmentStart < path.length() && path.charAt(segmentStart) == '/') {
                    throw refused("empty-segment");
                }
            } else if (!isAllowed(c)) {
                throw refused("character");
            }
        }
        checkSegment(path, segmentStart, path.length());
    }

    private static boolean isAllowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || PATH_PUNCTUATION.indexOf(c) >= 0;
    }

    private static void checkEncoded(String path, int percent) {
        int code = decoded(path, percent);
        if (code < 0) {
            throw refused("encoding");
        }
        if (code == '/' || code == '\\') {
            throw refused("encoded-slash");
        }
        if (code < 0x20 || code == 0x7f) {
            throw refused("control-character");
        }
        if (code == '%') {
            // Encoded twice: harmless only if nobody behind us decodes twice.
            int inner = hexValue(path, percent + 3);
            if (inner == '/' || inner == '\\' || inner == '.' || inner == '%') {
                throw refused("encoded-twice");
            }
        }
    }

    /** No segment may be a dot segment, encoded or dressed up with a parameter or with OneDrive's colon. */
    private static void checkSegment(String path, int start, int end) {
        int dots = 0;
        int i = start;
        while (i < end) {
            char c = path.charAt(i);
            if (c == ';' || c == ':') {
                break;
            }
            int code = c == '%' ? decoded(path, i) : c;
            if (code != '.') {
                return;
            }
            dots++;
            i += c == '%' ? 3 : 1;
        }
        if (dots == 1 || dots == 2) {
            throw refused("dot-segment");
        }
    }

    private static void checkQuery(String uri, int start) {
        for (int i = start; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c <= 0x20 || c >= 0x7f || c == '#') {
                throw refused("character");
            }
        }
    }

    private static int decoded(String text, int percent) {
        return hexValue(text, percent + 1);
    }

    private static int hexValue(String text, int at) {
        if (at + 2 > text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at), 16);
        int low = Character.digit(text.charAt(at + 1), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }

    private static ProblemException refused(String reason) {
        return new ProblemException(ProxyProblem.PATH_NOT_ALLOWED).with("reason", reason);
    }

    /** Walks the raw segments of a path that has been checked. */
    private static final class Segments {
        private final String path;
        private int position;

        Segments(String path, int position) {
            this.path = path;
            this.position = position;
        }

        String next() {
            if (atEnd()) {
                return "";
            }
            int slash = path.indexOf('/', position);
            int end = slash < 0 ? path.length() : slash;
            String segment = path.substring(position, end);
            position = end + 1;
            return segment;
        }

        int position() {
            return position;
        }

        boolean atEnd() {
            return position > path.length();
        }
    }
}
