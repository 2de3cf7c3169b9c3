package org.m365connector.sync.graph;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.m365connector.events.EventCodec;

/**
 * Turns everything that is not a 2xx into a {@link GraphException} before the SDK tries to parse it, and tells a request that
 * surely was not sent from one that may have been.
 */
final class FailureInterceptor implements Interceptor {
    private static final String PROBLEM_HEADER = "X-M365-Problem";
    private static final long MOST_BYTES = 64 * 1024;

    /** The SDK calls on the caller's thread, and its models have no room for a header. */
    private static final ThreadLocal<Instant> LAST_DATE = new ThreadLocal<>();

    private final Clock clock;

    FailureInterceptor(Clock clock) {
        this.clock = clock;
    }

    /** Tag of a request: set once a connection stands, so from then on something may be on its way. */
    record OnItsWay(AtomicBoolean value) {}

    /** A network interceptor: called when a connection has been made and the request is about to be written. */
    static Response markOnItsWay(Interceptor.Chain chain) throws IOException {
        OnItsWay mark = chain.request().tag(OnItsWay.class);
        if (mark != null) {
            mark.value().set(true);
        }
        Response response = chain.proceed(chain.request());
        // OkHttp would repeat a request by itself that was answered so; repeating is decided elsewhere.
        return response.code() == 503 && "0".equals(response.header("Retry-After"))
                ? response.newBuilder().header("Retry-After", "1").build()
                : response;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        OnItsWay onItsWay = new OnItsWay(new AtomicBoolean());
        Request request =
                chain.request().newBuilder().tag(OnItsWay.class, onItsWay).build();
        Response response;
        try {
            response = readToTheEnd(chain.proceed(request));
        } catch (IOException e) {
            throw new GraphException(
                    onItsWay.value().get() ? new GraphFailure.NoAnswer() : new GraphFailure.NotSent(), e);
        }
        Date date = response.headers().getDate("Date");
        LAST_DATE.set(date == null ? null : date.toInstant());
        if (response.isSuccessful()) {
            return response;
        }
        try (response) {
            throw new GraphException(failureOf(response));
        }
    }

    /** When, by Graph's clock, the last answer on this thread was given. */
    static Optional<Instant> lastDate() {
        return Optional.ofNullable(LAST_DATE.get());
    }

    /** A body that breaks off is as doubtful as no answer at all, so that must be known here. */
    private static Response readToTheEnd(Response response) throws IOException {
        try (response) {
            byte[] bytes = response.body().bytes();
            return response.newBuilder()
                    .body(ResponseBody.create(bytes, response.body().contentType()))
                    .build();
        }
    }

    private GraphFailure failureOf(Response response) {
        Optional<Duration> retryAfter = RetryAfter.parse(response.header("Retry-After"), clock.instant());
        Optional<JsonNode> body = json(response);
        String slug = response.header(PROBLEM_HEADER);
        if (slug != null) {
            return new GraphFailure.Problem(
                    slug,
                    response.code(),
                    body.map(FailureInterceptor::members).orElseGet(() -> Map.of("status", response.code())),
                    retryAfter);
        }
        JsonNode error = body.map(node -> node.path("error")).orElse(null);
        return new GraphFailure.Refused(
                response.code(),
                error == null ? "" : deepestCode(error),
                error == null ? "" : error.path("message").asText(""),
                retryAfter);
    }

    private static Optional<JsonNode> json(Response response) {
        try {
            return Optional.of(
                    EventCodec.json().readTree(response.peekBody(MOST_BYTES).string()));
        } catch (IOException e) {
            // No body, HTML from a gateway, or cut off: the status says enough.
            return Optional.empty();
        }
    }

    private static Map<String, Object> members(JsonNode node) {
        return node.isObject()
                ? EventCodec.json().convertValue(node, new TypeReference<Map<String, Object>>() {})
                : Map.of();
    }

    /** {@code innerError} (or {@code innererror}) may nest a more exact code. */
    private static String deepestCode(JsonNode error) {
        String code = error.path("code").asText("");
        for (String name : new String[] {"innerError", "innererror"}) {
            JsonNode inner = error.path(name);
            if (inner.isObject()) {
                String deeper = deepestCode(inner);
                return deeper.isEmpty() ? code : deeper;
            }
        }
        return code;
    }
}
