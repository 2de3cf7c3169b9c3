package org.m365connector.graphproxy.access;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.m365connector.capability.PathSafety;
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
        refuse(PathSafety.objectionToPath(path));
        if (question >= 0) {
            refuse(PathSafety.objectionToQuery(rawUri, question + 1));
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
        if (!PathSafety.isVersion(word)) {
            throw refused("version");
        }
        return new GraphAddress(
                portal, registration, portalUser, path.substring(0, baseEnd), Optional.of(rawUri.substring(baseEnd)));
    }

    /**
     * An address inside a batch, which is relative to the version.
     *
     * @return its path, beginning with a slash, without the query
     * @throws ProblemException {@code path-not-allowed}
     */
    public static String relative(String url) {
        int question = url.indexOf('?');
        String given = question < 0 ? url : url.substring(0, question);
        String path = given.startsWith("/") ? given : "/" + given;
        refuse(PathSafety.objectionToPath(path));
        if (question >= 0) {
            checkInnerQuery(url, question + 1);
        }
        if (path.startsWith("/v1.0/") || path.startsWith("/beta/") || path.startsWith("//")) {
            throw refused("version");
        }
        int colon = path.indexOf("://");
        if (colon >= 0) {
            throw refused("absolute-form");
        }
        return path;
    }

    /** In JSON a query may hold spaces, which Graph encodes itself. */
    private static void checkInnerQuery(String url, int start) {
        for (int i = start; i < url.length(); i++) {
            char c = url.charAt(i);
            if (c < 0x20 || c == 0x7f || c == '#') {
                throw refused("character");
            }
        }
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

    private static void refuse(Optional<String> objection) {
        objection.ifPresent(reason -> {
            throw refused(reason);
        });
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
