package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.view.Views;

/** What is sent again, and what never is; and how calls are found again at Microsoft's. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class RetryIT {

    @Inject
    Views views;

    private final World world = World.get();
    private final List<HttpConnection> connections = new CopyOnWriteArrayList<>();
    private TestPortal portal;
    private String target;

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, world.upstreamBase())
                .assign("ADA", "current-user*")
                .token("user:ADA", "token-of-ada");
        target = "/v1.0/me/" + UUID.randomUUID();
    }

    /** Answers so many times with that status, then with 200. */
    private void failing(int times, int status, String... headers) {
        world.upstream().on(target, request -> request.body().onSuccess(body -> {
            connections.add(request.connection());
            boolean fails = world.upstream().seen(target).size() <= times;
            if (fails && headers.length > 0) {
                request.response().putHeader(headers[0], headers[1]);
            }
            request.response()
                    .setStatusCode(fails ? status : 200)
                    .putHeader("request-id", "graph-" + connections.size())
                    .end("{\"said\":\"" + body.length() + "\"}");
        }));
    }

    @Test
    void whatMayBeRepeatedIsRepeatedOnANewConnection() throws Exception {
        for (int status : List.of(503, 504)) {
            target = "/v1.0/me/" + UUID.randomUUID();
            connections.clear();
            failing(2, status);

            HttpResponse<String> answer = send(portal.request("ADA", target).PUT(BodyPublishers.ofString("abc")));

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"3\"");
            assertThat(world.upstream().seen(target)).hasSize(3);
            assertThat(connections).doesNotHaveDuplicates();
            assertThat(world.upstream().seen(target).stream()
                            .map(seen -> seen.header("client-request-id"))
                            .distinct())
                    .as("one id for all attempts")
                    .hasSize(1);
        }
    }

    /** Graph closes connections that have been idle, maybe in the moment in which the next call goes out on one. */
    @Test
    void whatMayBeRepeatedIsSentAgainWhereTheConnectionIsClosedUnderIt() throws Exception {
        for (String method : List.of("GET", "PUT", "DELETE", "POST")) {
            target = "/v1.0/me/" + UUID.randomUUID();
            connections.clear();
            world.upstream().on(target, request -> {
                connections.add(request.connection());
                if (world.upstream().seen(target).size() == 1) {
                    request.connection().close();
                } else {
                    request.response().end();
                }
            });

            HttpResponse<String> answer =
                    send(portal.request("ADA", target).method(method, BodyPublishers.ofString("{}")));

            boolean repeatable = !method.equals("POST");
            assertThat(answer.statusCode()).as(method).isEqualTo(repeatable ? 200 : 502);
            assertThat(world.upstream().seen(target)).hasSize(repeatable ? 2 : 1);
            assertThat(connections).doesNotHaveDuplicates();
        }
    }

    @Test
    void notForEver() throws Exception {
        failing(9, 503);
        assertThat(send(portal.request("ADA", target)).statusCode()).isEqualTo(503);
        assertThat(world.upstream().seen(target)).hasSize(3);
    }

    @Test
    void whatMustNotHappenTwiceIsSentOnce() throws Exception {
        for (String method : List.of("POST", "PATCH")) {
            target = "/v1.0/me/" + UUID.randomUUID();
            failing(1, 504);
            HttpResponse<String> answer =
                    send(portal.request("ADA", target).method(method, BodyPublishers.ofString("{}")));
            assertThat(answer.statusCode()).isEqualTo(504);
            assertThat(world.upstream().seen(target)).hasSize(1);
        }
    }

    @Test
    void aBodyThatWasNotKeptIsSentOnce() throws Exception {
        failing(1, 503);
        HttpResponse<String> answer =
                send(portal.request("ADA", target).PUT(BodyPublishers.ofByteArray(new byte[70 * 1024])));
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(world.upstream().seen(target)).hasSize(1);
    }

    @Test
    void whereGraphSaysWhenToComeAgainItIsTheCallersToDecide() throws Exception {
        failing(1, 503, "Retry-After", "1.2");
        HttpResponse<String> answer = send(portal.request("ADA", target));
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("2");
        assertThat(world.upstream().seen(target)).hasSize(1);
    }

    /** Our clock may be ahead of Graph's by more than the throttling lasts. */
    @Test
    void retryAfterAsADateIsMeasuredByGraphsOwnClock() throws Exception {
        String channel = "/v1.0/teams/" + UUID.randomUUID() + "/channels/19%3Ax%40thread.tacv2";
        ZonedDateTime atGraph = ZonedDateTime.now(ZoneOffset.UTC).minusSeconds(90);
        world.upstream().on(channel, request -> request.response()
                .setStatusCode(429)
                .putHeader("Date", atGraph.format(DateTimeFormatter.RFC_1123_DATE_TIME))
                .putHeader("Retry-After", atGraph.plusSeconds(40).format(DateTimeFormatter.RFC_1123_DATE_TIME))
                .end());

        HttpResponse<String> told = send(portal.request("ADA", channel));
        HttpResponse<String> next = send(portal.request("ADA", channel));

        assertThat(told.statusCode()).isEqualTo(429);
        assertThat(told.headers().firstValue("Retry-After")).hasValue("40");
        assertThat(next.headers().firstValue("X-M365-Problem")).hasValue("throttled-by-connector");
        assertThat(Integer.parseInt(next.headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(20, 40);
        assertThat(world.upstream().seen(channel)).hasSize(1);
    }

    @Test
    void callersAreNotToldToComeAgainAtOnce() throws Exception {
        for (String said : List.of("0", "0.0", "Thu, 01 Jan 1970 00:00:00 GMT")) {
            String channel = "/v1.0/teams/" + UUID.randomUUID() + "/channels/19%3Ax%40thread.tacv2";
            world.upstream().on(channel, request -> request.response()
                    .setStatusCode(429)
                    .putHeader("Retry-After", said)
                    .end());

            assertThat(send(portal.request("ADA", channel)).headers().firstValue("Retry-After"))
                    .as(said)
                    .hasValue("1");
        }
    }

    /** The first attempt may have changed what the condition is about; then the second would be told a lie. */
    @Test
    void aConditionalWriteIsSentOnce() throws Exception {
        for (String condition : List.of("If-Match", "If-None-Match", "If-Unmodified-Since", "Content-Range")) {
            for (String method : List.of("PUT", "DELETE")) {
                target = "/v1.0/me/" + UUID.randomUUID();
                failing(1, 504);
                HttpResponse<String> answer = send(portal.request("ADA", target)
                        .header(condition, "*")
                        .method(method, BodyPublishers.ofString("{}")));
                assertThat(answer.statusCode()).isEqualTo(504);
                assertThat(world.upstream().seen(target)).as(condition).hasSize(1);
            }
        }
        target = "/v1.0/me/" + UUID.randomUUID();
        failing(1, 504);
        assertThat(send(portal.request("ADA", target).header("If-None-Match", "W/\"1\""))
                        .statusCode())
                .as("a read has nothing to lose")
                .isEqualTo(200);
    }

    @Test
    void nobodySaysOfARepeatedWriteThatItDidNotHappen() throws Exception {
        world.upstream().on(target, request -> request.body().onSuccess(body -> request.response()
                .setStatusCode(world.upstream().seen(target).size() == 1 ? 504 : 401)
                .putHeader("WWW-Authenticate", "Bearer error=\"invalid_token\"")
                .end()));

        HttpResponse<String> answer = send(portal.request("ADA", target).PUT(BodyPublishers.ofString("{}")));

        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue("graph-token-refused");
        assertThat(new JsonObject(answer.body()).containsKey("sent"))
                .as("the first attempt may have been executed")
                .isFalse();
    }

    @Test
    void ourErrorsTellGraphsIdAndTheCallers() throws Exception {
        world.upstream().on(target, this::compressed);

        HttpResponse<String> answer = send(portal.request("ADA", target).header("client-request-id", "mine-1"));

        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue("graph-answer-encoded");
        assertThat(new JsonObject(answer.body()).getString("graphRequestId")).isEqualTo("graph-x");
        assertThat(new JsonObject(answer.body()).getString("clientRequestId")).isEqualTo("mine-1");
        assertThat(world.upstream().seen(target).get(0).header("client-request-id"))
                .isEqualTo("mine-1");
    }

    @Test
    void aCallAndItsAttemptsStandInTheCallersTraceWithoutASecret() throws Exception {
        failing(1, 503);
        String trace = UUID.randomUUID().toString().replace("-", "");
        String parent = "00f067aa0ba902b7";

        HttpResponse<String> answer =
                send(portal.request("ADA", target).header("traceparent", "00-" + trace + "-" + parent + "-01"));

        assertThat(answer.statusCode()).isEqualTo(200);
        List<String> attempts = world.upstream().seen(target).stream()
                .map(seen -> seen.header("traceparent").split("-", -1)[2])
                .toList();
        assertThat(attempts).hasSize(2).doesNotHaveDuplicates().doesNotContain(parent);
        assertThat(world.upstream().seen(target))
                .allMatch(seen -> seen.header("traceparent").startsWith("00-" + trace + "-"));
        await().atMost(Duration.ofMinutes(3)).until(() -> world.traces().count(trace) == 3);
        attempts.forEach(attempt -> assertThat(world.traces().count(attempt)).isEqualTo(1));
        assertThat(world.traces().text())
                .contains("graph GET /me/{id}", "http.response.status_code", portal.id() + "/Main")
                .doesNotContain("token-of-ada", portal.key(), target.substring(target.lastIndexOf('/') + 1));
    }

    private void compressed(HttpServerRequest request) {
        request.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Content-Encoding", "br")
                .putHeader("request-id", "graph-x")
                .end("x");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return world.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
