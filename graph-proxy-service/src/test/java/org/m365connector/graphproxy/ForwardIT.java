package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.events.AccountState;
import org.m365connector.events.RegistrationState;
import org.m365connector.view.Views;

/** The way to Graph and back, against a Graph that misbehaves as a test wants. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class ForwardIT {

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;

    /** A path that no other test uses. */
    private String target;

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, world.upstreamBase())
                .assign("ADA", "current-user*")
                .token("user:ADA", "token-of-ada");
        target = "/v1.0/me/" + UUID.randomUUID();
    }

    @Test
    void pathAndQueryArriveByteByByte() throws Exception {
        String odd = target + "/teams('A%2bb')/19%3aX%40thread.tacv2/AAMkAGI=/a+b/%E2%82%AC";
        String query = "?$filter=subject%20eq%20'A%2FB'&$top=2&x=%2e%2e/%2F&empty=&$search=%22a%22&plus=a+b";

        send(portal.request("ADA", odd + query));

        assertThat(world.upstream().seen(odd)).singleElement().satisfies(seen -> assertThat(seen.uri())
                .isEqualTo(odd + query));
    }

    @Test
    void idsThatDifferInCaseOnlyStayTwo() throws Exception {
        world.upstream().on(target + "/AAMkA=", request -> request.response().end("upper"));
        world.upstream().on(target + "/aamka=", request -> request.response().end("lower"));

        assertThat(send(portal.request("ADA", target + "/AAMkA=")).body()).isEqualTo("upper");
        assertThat(send(portal.request("ADA", target + "/aamka=")).body()).isEqualTo("lower");
    }

    @Test
    void everyMethodAndItsBodyPass() throws Exception {
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
            JsonObject answer = new JsonObject(
                    send(portal.request("ADA", target).method(method, BodyPublishers.ofString("{\"a\":1}")))
                            .body());
            assertThat(answer.getString("method")).isEqualTo(method);
            assertThat(answer.getString("body")).isEqualTo("{\"a\":1}");
        }
        JsonObject empty = new JsonObject(send(portal.request("ADA", target).POST(BodyPublishers.noBody()))
                .body());
        assertThat(empty.getString("body")).isEmpty();
    }

    @Test
    void graphSeesItsTokenAndNothingOfOurs() throws Exception {
        send(portal.request("ADA", target)
                .header("Authorization", "Bearer " + portal.key())
                .header("Cookie", "a=b")
                .header("Forwarded", "for=1.2.3.4")
                .header("X-Forwarded-For", "1.2.3.4")
                .header("X-M365-Account", "current-user")
                .header("X-HTTP-Method-Override", "DELETE")
                .header("Prefer", "IdType=\"ImmutableId\""));

        UpstreamStandIn.Seen seen = world.upstream().seen(target).get(0);
        assertThat(seen.header("Authorization")).isEqualTo("Bearer token-of-ada");
        assertThat(seen.header("Prefer")).isEqualTo("IdType=\"ImmutableId\"");
        assertThat(seen.header("client-request-id")).hasSize(36);
        assertThat(seen.header("Accept-Encoding")).isEqualTo("identity");
        assertThat(seen.header("Host")).isEqualTo(world.upstreamBase().substring("http://".length()));
        assertThat(seen.headers().toString()).doesNotContain(portal.key(), "Cookie", "Forwarded", "X-", "1.2.3.4");
    }

    @Test
    void answerPassesWithItsStatusAndWithoutGraphsCookies() throws Exception {
        world.upstream().on(target, request -> request.response()
                .setStatusCode(429)
                .putHeader("Retry-After", "7")
                .putHeader("request-id", "r-1")
                .putHeader("Set-Cookie", "a=b")
                .putHeader("X-M365-Problem", "forged")
                .putHeader("Content-Type", "application/json")
                .end("{\"error\":{\"code\":\"TooManyRequests\"}}"));

        HttpResponse<String> answer = send(portal.request("ADA", target));

        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("7");
        assertThat(answer.headers().firstValue("request-id")).hasValue("r-1");
        assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(answer.headers().firstValue("X-M365-Problem")).isEmpty();
        assertThat(answer.body()).isEqualTo("{\"error\":{\"code\":\"TooManyRequests\"}}");
    }

    @Test
    void redirectsToOtherHostsPassUnfollowed() throws Exception {
        String elsewhere = "https://contoso.sharepoint.example/download?tempauth=x";
        world.upstream().on(target + "/content", request -> request.response()
                .setStatusCode(302)
                .putHeader("Location", elsewhere)
                .end());

        HttpResponse<String> answer = send(portal.request("ADA", target + "/content"));

        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location")).hasValue(elsewhere);
    }

    @Test
    void linksLeadBackThroughTheProxyAndWorkAsTheyAre() throws Exception {
        String second = target + "/second";
        world.upstream().on(target, request -> request.response()
                .putHeader("Content-Type", "application/json;odata.metadata=minimal")
                .putHeader("Location", world.upstreamBase() + second)
                .end("{\"value\":[],\"@odata.nextLink\":\"" + world.upstreamBase() + second + "?$skip=1\"}"));

        HttpResponse<String> answer = send(portal.request("ADA", target));
        String next = new JsonObject(answer.body()).getString("@odata.nextLink");
        HttpResponse<String> page = send(HttpRequest.newBuilder(java.net.URI.create(next))
                .header("X-API-Key", portal.key())
                .header("X-Portal-User", "ADA"));

        assertThat(next).isEqualTo(world.proxyBase() + portal.path(second) + "?$skip=1");
        assertThat(answer.headers().firstValue("Location")).hasValue(world.proxyBase() + portal.path(second));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(world.upstream().seen(second)).hasSize(1);
    }

    @Test
    void servicesMayHaveGraphsOwnLinksAndPortalsMayNot() throws Exception {
        String told = "{\"@odata.nextLink\":\"" + world.upstreamBase() + target + "?$skip=1\"}";
        world.upstream().on(target, request -> request.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Location", world.upstreamBase() + target)
                .end(told));

        HttpResponse<String> ofService = send(portal.request("ADA", target)
                .setHeader("X-API-Key", ProxyTestConfig.SERVICE_KEY)
                .header("X-M365-Links", "graph"));
        HttpResponse<String> ofPortal = send(portal.request("ADA", target).header("X-M365-Links", "graph"));

        assertThat(ofService.body()).isEqualTo(told);
        assertThat(ofService.headers().firstValue("Location")).hasValue(world.upstreamBase() + target);
        assertThat(ofPortal.body()).contains(world.proxyBase() + portal.path(target));
    }

    @Test
    void linksKeepTheUserThatTheCallersPathNamed() throws Exception {
        world.upstream().on(target, request -> request.response()
                .putHeader("Content-Type", "application/json")
                .end("{\"@odata.deltaLink\":\"" + world.upstreamBase() + target + "\"}"));

        HttpResponse<String> answer =
                send(world.request(portal.path("/as/%41DA" + target)).header("X-API-Key", portal.key()));

        assertThat(new JsonObject(answer.body()).getString("@odata.deltaLink"))
                .isEqualTo(world.proxyBase() + portal.path("/as/%41DA" + target));
    }

    @Test
    void linksInLongAnswersAreFoundWhereverTheyStand() throws Exception {
        String link = "\"@odata.nextLink\":\"" + world.upstreamBase() + "/v1.0/x\"";
        String entry = "{\"id\":\"" + "i".repeat(997) + "\",\"@odata.etag\":\"W/x\",\"r" + link.substring(1) + "},";
        String body = "{\"value\":[" + entry.repeat(4000) + "{}]}";
        world.upstream().on(target, request -> request.response()
                .putHeader("Content-Type", "application/json")
                .end(body));

        String answer = send(portal.request("ADA", target)).body();

        assertThat(answer).isEqualTo(body.replace(world.upstreamBase(), world.proxyBase() + portal.path("")));
    }

    @Test
    void whatSomebodyStoredIsNotTouched() throws Exception {
        String file = "{\"@odata.nextLink\":\"" + world.upstreamBase() + "/v1.0/x\"}";
        for (String path : List.of(target + "/$value", target + "/content")) {
            world.upstream().on(path, request -> request.response()
                    .putHeader("Content-Type", "application/json")
                    .end(file));
            assertThat(send(portal.request("ADA", path)).body()).isEqualTo(file);
        }
    }

    @Test
    void jsonThatIsPackedAllTheSameIsUnpackedAndItsLinksRewritten() throws Exception {
        String link = world.upstreamBase() + "/v1.0/next";
        String filler = "{\"id\":\"" + UUID.randomUUID() + "\"},".repeat(5_000);
        String json = "{\"value\":[" + filler + "{}],\"@odata.nextLink\":\"" + link + "\"}";
        Buffer packed = Buffer.buffer(gzip(json));
        world.upstream().on(target, request -> request.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Content-Encoding", "gzip")
                .end(packed));

        HttpResponse<String> answer = send(portal.request("ADA", target).header("Accept-Encoding", "gzip"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(answer.body()).isEqualTo(json.replace(world.upstreamBase(), world.proxyBase() + portal.path("")));
    }

    @Test
    void packedJsonThatIsCutOrBrokenDoesNotLookWhole() throws Exception {
        byte[] whole = gzip("{\"value\":\"" + "x".repeat(100) + UUID.randomUUID() + "\"}");
        for (int length : List.of(whole.length - 12, 3)) {
            world.upstream().on(target, request -> request.response()
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Content-Encoding", "gzip")
                    .end(Buffer.buffer(Arrays.copyOf(whole, length))));
            assertThatThrownBy(() -> send(portal.request("ADA", target))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void jsonInAnotherPackingIsRefusedBecauseItsLinksWouldLeadPastUs() throws Exception {
        for (String encoding : List.of("br", "gzip, br", "deflate")) {
            world.upstream().on(target, request -> request.response()
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Content-Encoding", encoding)
                    .end("xx"));
            assertProblem(send(portal.request("ADA", target)), 502, "graph-answer-encoded");
        }
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    /** What it says of Retry-After counts all the same, and an error has no links. */
    @Test
    void compressed429PassesAndTeachesWhenToComeAgain() throws Exception {
        String channel = "/v1.0/teams/" + UUID.randomUUID() + "/channels/19%3Ax%40thread.tacv2";
        world.upstream().on(channel, request -> request.response()
                .setStatusCode(429)
                .putHeader("Retry-After", "33")
                .putHeader("Content-Type", "application/json")
                .putHeader("Content-Encoding", "gzip")
                .end("zipped"));

        HttpResponse<String> told = send(portal.request("ADA", channel));
        HttpResponse<String> next = send(portal.request("ADA", channel));

        assertThat(told.statusCode()).isEqualTo(429);
        assertThat(told.headers().firstValue("Retry-After")).hasValue("33");
        assertThat(told.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(told.body()).isEqualTo("zipped");
        assertProblem(next, 429, "throttled-by-connector");
        assertThat(world.upstream().seen(channel)).hasSize(1);
    }

    @Test
    void answersWithoutABodyPass() throws Exception {
        world.upstream().on(target, request -> request.response()
                .setStatusCode(request.method().name().equals("DELETE") ? 204 : 200)
                .putHeader("Content-Type", "application/json")
                .putHeader("ETag", "W/\"1\"")
                .putHeader("Content-Length", request.method().name().equals("DELETE") ? "0" : "7")
                .end(request.method().name().equals("DELETE") ? "" : "{\"a\":1}"));

        HttpResponse<String> head = send(portal.request("ADA", target).method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("ETag")).hasValue("W/\"1\"");
        assertThat(head.headers().firstValue("Content-Length")).hasValue("7");
        assertThat(send(portal.request("ADA", target).DELETE()).statusCode()).isEqualTo(204);
    }

    @Test
    void refusedTokenIsReplacedAndTheCallSentAgainWithItsBody() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        world.auth()
                .answers(
                        portal.accountKey("user:ADA"),
                        question -> AuthStandIn.token(issued.getAndIncrement() == 0 ? "old" : "new", 1));
        world.upstream().on(target, request -> onlyWith("new", request, "Bearer error=\"invalid_token\""));

        HttpResponse<String> answer = send(portal.request("ADA", target).POST(BodyPublishers.ofString("hello")));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("hello");
        List<JsonObject> questions = world.auth().questions(portal.accountKey("user:ADA"));
        assertThat(questions).hasSize(2);
        assertThat(questions.get(1).getInteger("minimumTtl")).isGreaterThan(3500);
    }

    @Test
    void claimsChallengeIsHandedToAuthService() throws Exception {
        String claims = "{\"access_token\":{\"nbf\":{\"essential\":true, \"value\":\"1726258122\"}}}";
        AtomicInteger issued = new AtomicInteger();
        world.auth()
                .answers(
                        portal.accountKey("user:ADA"),
                        question -> AuthStandIn.token(issued.getAndIncrement() == 0 ? "old" : "new", 1));
        String challenge = "PoP nonce=\"x\", Bearer realm=\"\", error=\"insufficient_claims\", claims=\""
                + Base64.getEncoder().encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + "\"";
        world.upstream().on(target, request -> onlyWith("new", request, challenge));

        assertThat(send(portal.request("ADA", target)).statusCode()).isEqualTo(200);
        assertThat(world.auth().questions(portal.accountKey("user:ADA")).get(1).getString("claims"))
                .isEqualTo(claims);
    }

    @Test
    void challengeThatOnlyThePersonCanAnswerEndsInLoginRequiredAndTheCallIsNotSentAgain() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        world.auth()
                .answers(
                        portal.accountKey("user:ADA"),
                        question -> issued.getAndIncrement() == 0
                                ? AuthStandIn.token("old", 1)
                                : AuthStandIn.problem(409, "login-required"));
        world.upstream().on(target, request -> {
            calls.incrementAndGet();
            onlyWith("new", request, "Bearer error=\"insufficient_claims\", claims=\"e30=\"");
        });

        HttpResponse<String> answer = send(portal.request("ADA", target));

        assertThat(assertProblem(answer, 409, "login-required").getString("loginUrl"))
                .isEqualTo("http://localhost/login/ticket");
        assertThat(calls).hasValue(1);
        assertThat(issued).hasValue(2);
    }

    @Test
    void largeBodyIsNotSentTwiceAndItsCallerIsToldToSendItAgain() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        world.auth()
                .answers(
                        portal.accountKey("user:ADA"),
                        question -> AuthStandIn.token(issued.getAndIncrement() == 0 ? "old" : "new", 1));
        world.upstream().on(target, request -> onlyWith("new", request, "Bearer"));
        String large = "x".repeat(100 * 1024);

        HttpResponse<String> first = send(portal.request("ADA", target).POST(BodyPublishers.ofString(large)));
        HttpResponse<String> again = send(portal.request("ADA", target).POST(BodyPublishers.ofString(large)));

        assertThat(assertProblem(first, 503, "token-renewed").getBoolean("sent"))
                .isFalse();
        assertThat(first.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(large);
    }

    @Test
    void largeBodyWhoseNewTokenIsRefusedTooIsNotAskedForForEver() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        world.auth()
                .answers(
                        portal.accountKey("user:ADA"),
                        question -> AuthStandIn.token("t" + issued.getAndIncrement(), 1));
        world.upstream().on(target, request -> onlyWith("never", request, "Bearer"));
        String large = "x".repeat(100 * 1024);

        assertProblem(send(portal.request("ADA", target).POST(BodyPublishers.ofString(large))), 503, "token-renewed");
        HttpResponse<String> again = send(portal.request("ADA", target).POST(BodyPublishers.ofString(large)));

        assertThat(assertProblem(again, 401, "graph-token-refused").getBoolean("sent"))
                .isFalse();
    }

    @Test
    void smallBodyOfUnknownLengthIsSentAgainWithTheNewToken() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        world.auth()
                .answers(
                        portal.accountKey("user:ADA"),
                        question -> AuthStandIn.token(issued.getAndIncrement() == 0 ? "old" : "new", 1));
        world.upstream().on(target, request -> onlyWith("new", request, "Bearer"));

        HttpResponse<String> answer = send(portal.request("ADA", target).POST(ofUnknownLength("hello")));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("hello");
    }

    @Test
    void largeBodyOfUnknownLengthArrivesWhole() throws Exception {
        String large = "0123456789".repeat(50_000);

        HttpResponse<String> answer = send(portal.request("ADA", target).POST(ofUnknownLength(large)));

        assertThat(new JsonObject(answer.body()).getString("body")).isEqualTo(large);
    }

    /** Without reading the body, as Graph does where it is too large; the caller reads only when all is sent. */
    @Test
    void earlyAnswerToAnUploadReachesTheCallerWhole() throws Exception {
        String told = "{\"error\":{\"code\":\"tooLarge\"}}" + " ".repeat(100_000);
        world.upstream().on(target, request -> {
            request.pause();
            request.response()
                    .setStatusCode(413)
                    .putHeader("Content-Type", "application/json")
                    .end(told);
        });
        int size = 40 * 1024 * 1024;
        try (Socket socket = rawRequest("PUT", "Content-Length: " + size + "\r\n")) {
            byte[] piece = new byte[64 * 1024];
            for (int sent = 0; sent < size; sent += piece.length) {
                socket.getOutputStream().write(piece);
            }
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 413 ").containsIgnoringCase("connection: close");
            assertThat(answer.replaceAll("\r\n[0-9a-f]+\r\n", "")).contains("tooLarge");
            assertThat(answer.chars().filter(c -> c == ' ').count()).isGreaterThanOrEqualTo(100_000);
        }
    }

    @Test
    void tokenThatIsRefusedAgainAndAgainIsOurProblemAndNoStormOfQuestions() throws Exception {
        AtomicInteger issued = new AtomicInteger();
        world.auth()
                .answers(
                        portal.accountKey("user:ADA"),
                        question -> AuthStandIn.token("t" + issued.getAndIncrement(), 1));
        world.upstream().on(target, request -> onlyWith("never", request, "Bearer"));

        for (int call = 0; call < 5; call++) {
            HttpResponse<String> answer = send(portal.request("ADA", target));
            JsonObject problem = assertProblem(answer, 401, "graph-token-refused");
            assertThat(problem.getString("graphRequestId")).isEqualTo("r-401");
            assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
        }
        assertThat(world.auth().questions(portal.accountKey("user:ADA"))).hasSize(2);
    }

    @Test
    void graphThatIsAwayOrSilentIsToldApart() throws Exception {
        world.upstream().on(target, request -> {});
        JsonObject silent = assertProblem(send(portal.request("ADA", target)), 504, "graph-timeout");
        assertThat(silent.containsKey("sent")).isFalse();

        portal.registration(world.nobodyBase(), RegistrationState.COMPLETE);
        JsonObject away = assertProblem(send(portal.request("ADA", target)), 502, "graph-unreachable");
        assertThat(away.getBoolean("sent")).isFalse();
    }

    @Test
    void graphThatHangsUpBeforeItsAnswerIsUnreachable() throws Exception {
        world.upstream().on(target, request -> request.connection().close());

        JsonObject problem = assertProblem(send(portal.request("ADA", target)), 502, "graph-unreachable");
        assertThat(problem.containsKey("sent")).isFalse();
    }

    @Test
    void answerThatIsCutDoesNotLookComplete() {
        for (String length : List.of("1000", "")) {
            world.upstream().on(target, request -> {
                if (length.isEmpty()) {
                    request.response().setChunked(true);
                } else {
                    request.response().putHeader("Content-Length", length);
                }
                request.response().write(Buffer.buffer("x".repeat(100)));
                world.vertx().setTimer(100, passed -> request.connection().close());
            });
            assertThatThrownBy(() -> send(portal.request("ADA", target))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void uploadThatIsCutDoesNotLookCompleteToGraph() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicBoolean failed = new AtomicBoolean();
        world.upstream().on(target, request -> {
            request.exceptionHandler(failure -> failed.set(true));
            request.endHandler(end -> ended.set(true));
            request.handler(piece -> {});
        });
        try (Socket socket = rawRequest("PUT", "Transfer-Encoding: chunked\r\n")) {
            String piece = "x".repeat(0x18000);
            socket.getOutputStream().write(("18000\r\n" + piece + "\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> !world.upstream().seen(target).isEmpty());
        }

        await().atMost(Duration.ofMinutes(3)).untilTrue(failed);
        assertThat(ended).isFalse();
    }

    @Test
    void callerWhoLeavesEndsTheCallToGraph() throws Exception {
        AtomicBoolean waitingEnded = new AtomicBoolean();
        AtomicBoolean streamEnded = new AtomicBoolean();
        world.upstream()
                .on(target + "/waiting", request -> request.response().closeHandler(end -> waitingEnded.set(true)));
        world.upstream().on(target + "/stream", request -> {
            request.response().setChunked(true);
            long timer =
                    world.vertx().setPeriodic(20, tick -> request.response().write(Buffer.buffer("x")));
            request.response().closeHandler(end -> {
                world.vertx().cancelTimer(timer);
                streamEnded.set(true);
            });
        });

        for (String path : List.of(target + "/waiting", target + "/stream")) {
            try (Socket socket = rawRequest("GET", path, "")) {
                await().atMost(Duration.ofMinutes(3))
                        .until(() -> !world.upstream().seen(path).isEmpty());
                if (path.endsWith("stream")) {
                    assertThat(socket.getInputStream().read()).isPositive();
                }
            }
        }

        await().atMost(Duration.ofMinutes(3)).untilTrue(waitingEnded);
        await().atMost(Duration.ofMinutes(3)).untilTrue(streamEnded);
    }

    @Test
    void clientThatAsksFirstMaySend() throws Exception {
        HttpResponse<String> small =
                send(portal.request("ADA", target).expectContinue(true).POST(BodyPublishers.ofString("small")));
        HttpResponse<String> large = send(
                portal.request("ADA", target).expectContinue(true).POST(BodyPublishers.ofString("x".repeat(200_000))));
        HttpResponse<String> chunked = send(portal.request("ADA", target)
                .POST(BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream("chunked".getBytes(StandardCharsets.UTF_8)))));

        assertThat(new JsonObject(small.body()).getString("body")).isEqualTo("small");
        assertThat(new JsonObject(large.body()).getString("body")).hasSize(200_000);
        assertThat(new JsonObject(chunked.body()).getString("body")).isEqualTo("chunked");
    }

    @Test
    void connectionCanBeUsedAgainAfterARefusalWithASmallBody() throws Exception {
        String refused = "POST " + portal.path("/v2.0/me")
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n" + "x".repeat(5000);
        String next = "GET " + portal.path(target) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-API-Key: "
                + portal.key() + "\r\nX-Portal-User: ADA\r\n\r\n";
        try (Socket socket = new Socket("localhost", world.proxyPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((refused + next).getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("HTTP/1.1 200 ");
        }
    }

    @Test
    void refusalOfALargeBodyArrivesWholeAndEndsTheConnection() throws Exception {
        String head =
                "POST " + portal.path("/v2.0/me") + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n";
        try (Socket socket = new Socket("localhost", world.proxyPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write((head + "x".repeat(8_000_000)).getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .containsIgnoringCase("connection: close")
                    .endsWith("}");
        }
    }

    @Test
    void newGenerationMeansANewToken() throws Exception {
        portal.account("user:ADA", AccountState.READY, 1);
        world.auth().answers(portal.accountKey("user:ADA"), question -> AuthStandIn.token("first", 1));
        send(portal.request("ADA", target));
        send(portal.request("ADA", target));

        world.auth().answers(portal.accountKey("user:ADA"), question -> AuthStandIn.token("second", 2));
        portal.account("user:ADA", AccountState.READY, 2);
        send(portal.request("ADA", target));

        assertThat(world.upstream().seen(target))
                .extracting(seen -> seen.header("Authorization"))
                .containsExactly("Bearer first", "Bearer first", "Bearer second");
        assertThat(world.auth().questions(portal.accountKey("user:ADA"))).hasSize(2);
    }

    private static HttpRequest.BodyPublisher ofUnknownLength(String body) {
        return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }

    /** Answers with the request's body, but only to that token. */
    private static void onlyWith(String token, HttpServerRequest request, String challenge) {
        if (("Bearer " + token).equals(request.getHeader("Authorization"))) {
            request.body().onSuccess(body -> request.response().end(body));
        } else {
            request.response()
                    .setStatusCode(401)
                    .putHeader("WWW-Authenticate", challenge)
                    .putHeader("request-id", "r-401")
                    .putHeader("Content-Type", "application/json")
                    .end("{\"error\":{\"code\":\"InvalidAuthenticationToken\"}}");
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return world.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private Socket rawRequest(String method, String headers) throws IOException {
        return rawRequest(method, target, headers);
    }

    private Socket rawRequest(String method, String path, String headers) throws IOException {
        Socket socket = new Socket("localhost", world.proxyPort());
        socket.setSoTimeout(20_000);
        String head = method + " " + portal.path(path) + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + portal.key()
                + "\r\nX-Portal-User: ADA\r\n" + headers + "\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    private static JsonObject assertProblem(HttpResponse<String> answer, int status, String slug) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue(slug);
        return new JsonObject(answer.body());
    }
}
