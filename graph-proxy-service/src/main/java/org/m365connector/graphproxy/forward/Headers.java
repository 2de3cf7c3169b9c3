package org.m365connector.graphproxy.forward;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Which headers pass, in each direction. */
final class Headers {

    /** Between neighbours only (RFC 9110, 7.6.1). */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** Of those that are not for Graph, what a client library may repeat inside of a batch, where it means nothing. */
    private static final Set<String> OF_THE_TRANSPORT = Set.of("expect", "accept-encoding", "content-length");

    private static final Pattern UTF_8 = Pattern.compile("^[^;]*;\\s*charset\\s*=\\s*\"?utf-8\"?\\s*$");

    /**
     * Never sent to Graph: what proves who the caller is to us, where he comes from, and what could make the request another
     * one than the one we checked.
     */
    private static final Set<String> NOT_FOR_GRAPH = Set.of(
            "authorization",
            "host",
            "cookie",
            "cookie2",
            "forwarded",
            "via",
            "x-real-ip",
            "x-api-key",
            "x-portal-user",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "x-original-url",
            "x-original-uri",
            "x-original-host",
            "x-original-method",
            "x-rewrite-url",
            "x-override-url",
            "x-proxy-url",
            "x-http-destinationurl",
            "x-http-host-override",
            "x-host",
            "x-envoy-original-path",
            "client-ip",
            "true-client-ip",
            "x-client-ip",
            "x-cluster-client-ip",
            "expect",
            "accept-encoding",
            "content-length");

    private static final Set<String> NOT_FOR_CALLER =
            Set.of("set-cookie", "set-cookie2", "www-authenticate", "strict-transport-security", "alt-svc");

    private static final Set<String> STAYS_HERE = both(HOP_BY_HOP, NOT_FOR_GRAPH);
    private static final Set<String> STAYS_AT_GRAPH = both(HOP_BY_HOP, NOT_FOR_CALLER);

    private static final Set<String> LINKS = Set.of("location", "content-location", "operation-location");
    private static final String OURS = "x-m365-";
    private static final String FORWARDED = "x-forwarded-";

    /** By which a call is found again, at its caller and at Graph's support. */
    static final String CLIENT_REQUEST_ID = "client-request-id";

    private static final boolean[] TOKEN = tokenCharacters();

    private Headers() {}

    private static Set<String> both(Set<String> one, Set<String> other) {
        return Stream.concat(one.stream(), other.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Copies what passes to Graph. Length, encoding and authorisation are set by whoever sends the request.
     *
     * @param clientRequestId of an earlier attempt, or null
     * @return by which Graph's support finds the call: the caller's own, or one of ours
     */
    static String toGraph(MultiMap from, MultiMap to, String clientRequestId) {
        Set<String> named = namedByConnection(from);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean stays = STAYS_HERE.contains(name)
                    || name.startsWith(OURS)
                    || name.startsWith(FORWARDED)
                    || named.contains(name);
            if (!stays) {
                requireToken(name);
                to.add(header.getKey(), header.getValue());
            }
        }
        String own = to.get(CLIENT_REQUEST_ID);
        if (own != null) {
            return own;
        }
        String id = clientRequestId == null ? randomId() : clientRequestId;
        to.set(CLIENT_REQUEST_ID, id);
        return id;
    }

    /** Not every reader takes other characters for a part of the name (RFC 9110, 5.6.2). */
    private static void requireToken(String name) {
        boolean token = !name.isEmpty();
        for (int i = 0; i < name.length() && token; i++) {
            char c = name.charAt(i);
            token = c < TOKEN.length && TOKEN[c];
        }
        if (!token) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("header", "name");
        }
    }

    private static boolean[] tokenCharacters() {
        boolean[] token = new boolean[128];
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz".chars().forEach(c -> token[c] = true);
        return token;
    }

    /**
     * Whether it could be read as ending elsewhere: in several codings, in one that is not ours, or in HTTP/1.0, which has none. Two lengths
     * and broken ones have been refused before; where a length comes with chunks, the chunks count and the length goes nowhere.
     */
    static boolean areFramedOddly(HttpServerRequest request) {
        if (!request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return false;
        }
        List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
        return codings.size() != 1
                || !codings.get(0).equalsIgnoreCase("chunked")
                || request.version() == HttpVersion.HTTP_1_0;
    }

    /** Need not be secret, so it need not wait for the operating system's random numbers. */
    private static String randomId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    /** Copies what passes to the caller, with Graph's links in headers rewritten. */
    static void toCaller(MultiMap from, MultiMap to, Links links) {
        Set<String> named = namedByConnection(from);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            boolean stays = STAYS_AT_GRAPH.contains(name) || name.startsWith(OURS) || named.contains(name);
            if (!stays) {
                to.add(header.getKey(), LINKS.contains(name) ? links.rewrite(header.getValue()) : header.getValue());
            }
        }
    }

    /** Whether a body follows these headers of a request. */
    static boolean announceBody(MultiMap headers) {
        return headers.contains(HttpHeaders.TRANSFER_ENCODING)
                || contentLength(headers).orElse(0L) > 0;
    }

    /** Length of the body; empty where it is not known in advance or there is none. */
    static Optional<Long> contentLength(MultiMap headers) {
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(length));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    static boolean isJson(MultiMap headers) {
        String type = headers.get(HttpHeaders.CONTENT_TYPE);
        if (type == null) {
            return false;
        }
        int semicolon = type.indexOf(';');
        String media =
                (semicolon < 0 ? type : type.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
        return media.equals("application/json") || media.endsWith("+json");
    }

    static boolean isGzip(MultiMap headers) {
        String encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        return encoding != null
                && (encoding.trim().equalsIgnoreCase("gzip") || encoding.trim().equalsIgnoreCase("x-gzip"))
                && headers.getAll(HttpHeaders.CONTENT_ENCODING).size() == 1;
    }

    static boolean isEncoded(MultiMap headers) {
        String encoding = headers.get(HttpHeaders.CONTENT_ENCODING);
        return encoding != null && !encoding.isBlank() && !encoding.trim().equalsIgnoreCase("identity");
    }

    /** However often it is said. */
    private static Set<String> namedByConnection(MultiMap headers) {
        if (!headers.contains(HttpHeaders.CONNECTION)) {
            return Set.of();
        }
        List<String> said = headers.getAll(HttpHeaders.CONNECTION);
        if (said.size() == 1
                && (said.get(0).equalsIgnoreCase("keep-alive") || said.get(0).equalsIgnoreCase("close"))) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        for (String value : said) {
            for (String name : value.split(",", -1)) {
                names.add(name.trim().toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    /** @param lower the name of a header, in lower case */
    static boolean isLink(String lower) {
        return LINKS.contains(lower);
    }

    /** Whether a request inside of a batch may not have it: it is meant for us, or makes another request of this one. */
    static boolean isForUsAlone(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.startsWith(OURS)
                || lower.startsWith(FORWARDED)
                || (NOT_FOR_GRAPH.contains(lower) && !OF_THE_TRANSPORT.contains(lower));
    }

    /** Whether the body could be read otherwise than as UTF-8. */
    static boolean isOfAnotherCharset(MultiMap headers) {
        return headers.getAll(HttpHeaders.CONTENT_TYPE).stream()
                .map(type -> type.toLowerCase(Locale.ROOT))
                .anyMatch(
                        type -> type.contains("charset") && !UTF_8.matcher(type).find());
    }
}
