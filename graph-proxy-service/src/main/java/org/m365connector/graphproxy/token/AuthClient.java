package org.m365connector.graphproxy.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.m365connector.events.EventCodec;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.Problems;

/** {@code POST /internal/tokens} of auth-service. */
public final class AuthClient implements TokenSource {

    private static final Logger LOG = Logger.getLogger(AuthClient.class);
    private static final ObjectMapper JSON = EventCodec.json();
    private static final String RETRY_AFTER_SECONDS = "2";

    /** Problems that are between auth-service and us; a portal could only misunderstand them. */
    private static final Set<String> OURS = Set.of("unauthorized", "forbidden", "invalid-request", "internal-error");

    private final HttpClient client;
    private final RequestOptions address;
    private final String serviceAuthorization;

    /** @param serviceAuthorization the header {@code Authorization} with our service key */
    public AuthClient(HttpClient client, URI authService, Duration timeout, String serviceAuthorization) {
        this.client = client;
        this.address = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(authService + "/internal/tokens")
                .setTimeout(timeout.toMillis());
        this.serviceAuthorization = serviceAuthorization;
    }

    @Override
    public Future<Token> fetch(TokenQuestion question) {
        return client.request(new RequestOptions(address))
                .compose(request -> {
                    request.putHeader(HttpHeaders.AUTHORIZATION, serviceAuthorization)
                            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                            .putHeader(HttpHeaders.ACCEPT, "application/json, " + Problems.MEDIA_TYPE);
                    question.language().ifPresent(language -> request.putHeader(HttpHeaders.ACCEPT_LANGUAGE, language));
                    return request.send(Buffer.buffer(EventCodec.bytes(body(question))));
                })
                .compose(response -> response.body().map(body -> read(response, body)))
                .recover(failure -> Future.failedFuture(named(failure)));
    }

    private static ObjectNode body(TokenQuestion question) {
        ObjectNode body = JSON.createObjectNode()
                .put("portal", question.portal().value())
                .put("registration", question.registration().value())
                .put("account", question.account().value())
                .put("minimumTtl", question.minimumTtl().toSeconds());
        question.claims().ifPresent(claims -> body.put("claims", claims));
        return body;
    }

    private static Token read(HttpClientResponse response, Buffer body) {
        if (response.statusCode() == 200) {
            return token(body);
        }
        Map<String, Object> problem = problem(body);
        String type = String.valueOf(problem.get("type"));
        String slug = type.substring(type.lastIndexOf('/') + 1);
        if (problem.isEmpty() || OURS.contains(slug)) {
            LOG.errorf("auth-service refuses to serve us status=%d problem=%s", response.statusCode(), slug);
            throw unavailable();
        }
        throw new AuthRefusal(
                response.statusCode(), slug, problem, Optional.ofNullable(response.getHeader(HttpHeaders.RETRY_AFTER)));
    }

    private static Token token(Buffer body) {
        try {
            JsonNode answer = JSON.readTree(body.getBytes());
            String value = answer.path("accessToken").asText("");
            Instant expiresAt = Instant.parse(answer.path("expiresAt").asText());
            if (value.isEmpty() || !answer.path("generation").isIntegralNumber()) {
                throw new DateTimeException("incomplete");
            }
            return new Token(value, expiresAt, answer.path("generation").longValue());
        } catch (IOException | DateTimeException e) {
            // Never with the exception: a parser may repeat what it read, and that is a token.
            LOG.error("auth-service's answer is not a token");
            throw unavailable();
        }
    }

    private static Map<String, Object> problem(Buffer body) {
        try {
            Map<String, Object> problem = JSON.readValue(body.getBytes(), new TypeReference<Map<String, Object>>() {});
            return problem != null && problem.get("type") instanceof String ? problem : Map.of();
        } catch (JsonProcessingException e) {
            return Map.of();
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory", e);
        }
    }

    private static Throwable named(Throwable failure) {
        if (failure instanceof ProblemException || failure instanceof AuthRefusal) {
            return failure;
        }
        LOG.warnf("auth-service does not answer cause=%s", failure.getClass().getSimpleName());
        return unavailable().causedBy(failure);
    }

    private static ProblemException unavailable() {
        return new ProblemException(ProxyProblem.AUTH_UNAVAILABLE).withHeader("Retry-After", RETRY_AFTER_SECONDS);
    }
}
