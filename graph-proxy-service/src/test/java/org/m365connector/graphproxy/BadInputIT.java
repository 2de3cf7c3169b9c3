package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.events.AccountState;
import org.m365connector.events.RegistrationState;
import org.m365connector.view.Views;

/** Callers and a Graph who break the rules of HTTP, or keep them and mean no good. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class BadInputIT {

    private static final String REFUSED = "(?s)HTTP/1\\.. 400 .*";

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;
    private String target;

    /** Where the request that was hidden in another one would lead. */
    private String hidden;

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, world.upstreamBase())
                .assign("ADA", "current-user*")
                .account("user:ADA", AccountState.READY, 1)
                .token("user:ADA", "token-of-ada");
        target = "/v1.0/me/" + UUID.randomUUID();
        hidden = target + "/hidden";
    }

    /** Each of them has been read in two ways by some pair of servers. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\r\nContent-Length: 40",
                "Content-Length: 4, 40",
                "Content-Length: +4",
                "Content-Length: -4",
                "Content-Length: 0x4",
                "Content-Length: 4 4",
                "Content-Length: 99999999999999999999",
                "Content-Length : 4",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: identity, chunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                "Transfer-Encoding: \u000bchunked",
                "Transfer-Encoding : chunked",
                "Transfer-Encoding:\r\n chunked",
                "X: y\r\nTransfer-Encoding\r\n : chunked"
            })
    void whatCouldBeFramedInTwoWaysIsRefusedAndNothingBehindItIsRead(String framing) throws Exception {
        String inside = "GET " + portal.path(hidden) + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + portal.key()
                + "\r\nX-Portal-User: ADA\r\n\r\n";
        try (RawCaller caller = caller()) {
            caller.write(head("POST", target) + framing + "\r\n\r\n0\r\n\r\n" + inside);
            assertThat(caller.readToEnd()).matches(REFUSED).doesNotContain(" 200 ");
        }
        assertThat(world.upstream().seen(target)).isEmpty();
        assertThat(world.upstream().seen(hidden)).isEmpty();
    }

    /** The one reading that RFC 9112, 6.3 allows; what comes after it is a request with a key of its own, or none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: chunked\r\nContent-Length: 4",
                "Content-Length: 4\r\nTransfer-Encoding: chunked"
            })
    void chunksCountWhateverElseIsSaid(String framing) throws Exception {
        AtomicReference<HttpServerRequest> seen = new AtomicReference<>();
        world.upstream().on(target, request -> {
            seen.set(request);
            request.body().onSuccess(body -> request.response().end("it was " + body));
        });
        try (RawCaller caller = caller()) {
            caller.write(head("POST", target) + framing + "\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET " + portal.path(hidden)
                    + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(caller.readToEnd()).contains("it was hello").contains(" 401 ");
        }
        assertThat(world.upstream().seen(hidden)).isEmpty();
        assertThat(seen.get().headers().contains("Transfer-Encoding")
                        && seen.get().headers().contains("Content-Length"))
                .isFalse();
    }

    @Test
    void olderHttpKnowsNoChunks() throws Exception {
        try (RawCaller caller = caller()) {
            caller.write(head("POST", target).replace("HTTP/1.1", "HTTP/1.0")
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
            assertThat(caller.readToEnd()).contains(" 400 ");
        }
        assertThat(world.upstream().seen(target)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FFFFFFFFFFFFFFFFF\r\nhello",
                "-5\r\nhello\r\n0\r\n\r\n",
                "0x5\r\nhello\r\n0\r\n\r\n",
                "five\r\nhello\r\n0\r\n\r\n",
                "5\r\nhelloworld\r\n0\r\n\r\n"
            })
    void brokenChunksNeverLookLikeAWholeBody(String chunks) throws Exception {
        AtomicBoolean whole = new AtomicBoolean();
        world.upstream().on(target, request -> request.body().onSuccess(body -> {
            whole.set(true);
            request.response().end();
        }));
        try (RawCaller caller = caller()) {
            caller.write(head("POST", target) + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
            caller.endWriting();
            assertThat(caller.readToEnd()).doesNotContain("HTTP/1.1 200 ");
        }
        assertThat(whole).isFalse();
    }

    @Test
    void moreThanWasAnnouncedIsNoPartOfTheBodyAndLessIsNoBody() throws Exception {
        try (RawCaller caller = caller()) {
            caller.write(head("POST", target) + "Content-Length: 5\r\n\r\nhello and more\r\n\r\n");
            String answers = caller.readToEnd();
            assertThat(answers).startsWith("HTTP/1.1 200 ").contains("\"body\":\"hello\"");
            assertThat(answers.substring(1)).contains(" 400 ");
        }
        try (RawCaller caller = caller()) {
            caller.write(head("POST", hidden) + "Content-Length: 5\r\n\r\nhell");
            caller.endWriting();
            caller.readToEnd();
        }
        assertThat(world.upstream().seen(target)).hasSize(1);
        assertThat(world.upstream().seen(hidden)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Note: a\rX-Evil: b",
                "X-Note: a\u0000b",
                "X-Portal-User: ADA\rX-M365-Account: service",
                "X-M365-Account: service\r\tx",
                "X Note: a",
                "X-N\u00f6te: a"
            })
    void headersThatHideAnotherOneAreRefused(String header) throws Exception {
        try (RawCaller caller = caller()) {
            caller.write(head("GET", target).replace("X-Portal-User: ADA\r\n", "") + header
                    + (header.contains("X-Portal-User") ? "" : "\r\nX-Portal-User: ADA")
                    + "\r\nConnection: close\r\n\r\n");
            assertThat(caller.readToEnd())
                    .as(world.upstream().seen(target).toString())
                    .matches(REFUSED);
        }
        assertThat(world.upstream().seen(target)).isEmpty();
    }

    @Test
    void lineBreaksInTheAddressAreRefused() throws Exception {
        for (String path : List.of(
                portal.path("/as/ADA%0D%0AX-Evil:%20b" + target),
                portal.path(target + "%0d%0aX-Evil:%20b"),
                portal.path(target + "%00"))) {
            HttpResponse<String> answer = send(world.request(path).header("X-API-Key", portal.key()));
            assertThat(answer.statusCode()).as(path).isEqualTo(400);
        }
        assertThat(world.upstream().seen(target)).isEmpty();
    }

    @Test
    void headersAndAddressesThatAreTooLongAreRefused() throws Exception {
        try (RawCaller caller = caller()) {
            caller.write(head("GET", target) + "X-Long: " + "x".repeat(40_000) + "\r\n\r\n");
            assertThat(caller.readToEnd()).matches("(?s)HTTP/1\\.. 431 .*");
        }
        try (RawCaller caller = caller()) {
            caller.write(head("GET", target + "?x=" + "x".repeat(20_000)) + "\r\n");
            assertThat(caller.readToEnd()).matches("(?s)HTTP/1\\.. 414 .*");
        }
        HttpResponse<String> long1 =
                send(portal.request("ADA", target + "?x=" + "x".repeat(12_000)).header("X-Long", "x".repeat(12_000)));
        assertThat(long1.statusCode()).isEqualTo(200);
    }

    /** Addresses of downloads carry tokens of some thousand characters. */
    @Test
    void longHeadersOfGraphPassAndEndlessOnesAreItsMistake() throws Exception {
        String address = "https://contoso.sharepoint.example/x?tempauth=" + "t".repeat(20_000);
        try (RawGraph graph = RawGraph.saying(
                world.nobodyPort(), "HTTP/1.1 302 Found\r\nLocation: " + address + "\r\nContent-Length: 0\r\n\r\n")) {
            portal.registration(world.nobodyBase(), RegistrationState.COMPLETE);
            HttpResponse<String> answer = send(portal.request("ADA", target));
            assertThat(answer.statusCode()).isEqualTo(302);
            assertThat(answer.headers().firstValue("Location")).hasValue(address);

            graph.answer(RawGraph.text("HTTP/1.1 200 OK\r\nX-Endless: " + "x".repeat(100_000)));
            assertProblem(send(portal.request("ADA", target)), 502, "graph-unreachable");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nX-Note: a\rSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nLocation: /x\u0000y\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/9.9 200 OK\r\n\r\n",
                "HELLO\r\n\r\n"
            })
    void answersThatAreNoHttpAreGraphsMistakeAndHarmNobody(String bytes) throws Exception {
        try (RawGraph graph = RawGraph.saying(world.nobodyPort(), bytes)) {
            portal.registration(world.nobodyBase(), RegistrationState.COMPLETE);

            HttpResponse<String> answer = send(portal.request("ADA", target));

            assertProblem(answer, 502, "graph-unreachable");
            assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
            assertThat(graph.requests()).hasSize(1);
        }
    }

    /** What Graph says beyond its answer must not become the answer to the next caller's question. */
    @Test
    void answerLongerThanAnnouncedIsNotTheNextOnesAnswer() throws Exception {
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        String evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        for (String more : List.of(evil, "garbage\r\n\r\n")) {
            try (RawGraph graph = RawGraph.saying(world.nobodyPort(), answer + more)) {
                portal.registration(world.nobodyBase(), RegistrationState.COMPLETE);
                for (int call = 0; call < 10; call++) {
                    HttpResponse<String> told = send(portal.request("ADA", target));
                    assertThat(told.body()).isEqualTo("hello");
                }
                assertThat(graph.requests()).hasSize(10);
            }
        }
    }

    @Test
    void downloadThatGraphCutsNearItsEndDoesNotLookWhole() throws Exception {
        int size = 1 << 20;
        try (RawGraph graph = new RawGraph(world.nobodyPort(), socket -> {
            RawGraph.text("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " + size
                            + "\r\n\r\n" + "x".repeat(size / 10 * 9))
                    .to(socket);
            socket.close();
        })) {
            portal.registration(world.nobodyBase(), RegistrationState.COMPLETE);
            assertThatThrownBy(() -> send(portal.request("ADA", target))).isInstanceOf(IOException.class);
            assertThat(graph.requests()).hasSize(1);
        }
    }

    /** It passes as small as it came; where its links would have to be found, it is cut before it is large. */
    @Test
    void compressedBombDoesNotGoOffHere() throws Exception {
        byte[] bomb = bomb();
        for (String type : List.of("application/octet-stream", "application/json")) {
            world.upstream().on(target, request -> request.response()
                    .putHeader("Content-Type", type)
                    .putHeader("Content-Encoding", "gzip")
                    .end(io.vertx.core.buffer.Buffer.buffer(bomb)));
            HttpRequest request = portal.request("ADA", target).build();
            if (type.endsWith("json")) {
                assertThatThrownBy(() -> world.client().send(request, HttpResponse.BodyHandlers.ofByteArray()))
                        .isInstanceOf(IOException.class);
            } else {
                assertThat(world.client()
                                .send(request, HttpResponse.BodyHandlers.ofByteArray())
                                .body())
                        .isEqualTo(bomb);
            }
        }
    }

    private static byte[] bomb() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(packed)) {
            byte[] nothing = new byte[1 << 20];
            for (int i = 0; i < 50; i++) {
                zip.write(nothing);
            }
        }
        return packed.toByteArray();
    }

    /** The proxy follows nothing, and gives the token to nobody but Graph. */
    @Test
    void linkToAnotherHostIsLeftAloneAndNotFollowed() throws Exception {
        try (RawGraph elsewhere = RawGraph.saying(world.nobodyPort(), "HTTP/1.1 200 OK\r\n\r\n")) {
            String link = world.nobodyBase() + "/v1.0/me?$skip=1";
            world.upstream().on(target, request -> request.response()
                    .setStatusCode(302)
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Location", link)
                    .end("{\"@odata.nextLink\":\"" + link + "\"}"));

            HttpResponse<String> answer = send(portal.request("ADA", target));

            assertThat(new JsonObject(answer.body()).getString("@odata.nextLink"))
                    .isEqualTo(link);
            assertThat(answer.headers().firstValue("Location")).hasValue(link);
            assertThat(answer.body() + answer.headers().map()).doesNotContain("token-of-ada", portal.key());
            assertThat(elsewhere.requests()).isEmpty();
        }
    }

    /** Who has closed his half cannot be told from who has left; what runs for him at Graph is ended. */
    @Test
    void callerWhoClosesHisHalfLeavesNothingBehind() throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        world.upstream().on(target, request -> request.response().closeHandler(end -> ended.set(true)));
        try (RawCaller caller = caller()) {
            caller.write(head("GET", target) + "\r\n");
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> !world.upstream().seen(target).isEmpty());
            caller.endWriting();
            caller.readToEnd();
            await().atMost(Duration.ofMinutes(3)).untilTrue(ended);
        }
    }

    @Test
    void graphThatClosesItsHalfInTheMiddleIsNotWaitedFor() throws Exception {
        try (RawGraph graph = new RawGraph(world.nobodyPort(), socket -> {
            RawGraph.text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx").to(socket);
            socket.shutdownOutput();
        })) {
            portal.registration(world.nobodyBase(), RegistrationState.COMPLETE);
            assertThatThrownBy(() -> send(portal.request("ADA", target))).isInstanceOf(IOException.class);
            assertThat(graph.requests()).hasSize(1);
        }
    }

    /** Hundreds who begin and do not go on take no place from who means it. */
    @Test
    void idleAndHesitatingCallersHarmNobody() throws Exception {
        List<RawCaller> callers = new ArrayList<>();
        try {
            for (int i = 0; i < 500; i++) {
                RawCaller caller = caller();
                callers.add(caller);
                switch (i % 3) {
                    case 0 -> caller.write("");
                    case 1 -> caller.write(head("GET", target).substring(0, 20));
                    default -> caller.write(head("POST", target) + "Content-Length: 50\r\n\r\nx");
                }
            }
            for (RawCaller caller : callers) {
                caller.write("");
            }
            for (int call = 0; call < 20; call++) {
                assertThat(send(portal.request("ADA", hidden)).statusCode()).isEqualTo(200);
            }
            assertThat(world.upstream().seen(target)).isEmpty();
        } finally {
            for (RawCaller caller : callers) {
                caller.close();
            }
        }
    }

    /** A byte now and then keeps a connection from being idle, and a place at Graph from being free. */
    @Test
    void whoSendsOrReadsByteByByteIsCut() throws Exception {
        AtomicInteger cut = new AtomicInteger();
        world.upstream().on(target, request -> {
            request.exceptionHandler(failure -> cut.incrementAndGet());
            request.handler(piece -> {});
        });
        world.upstream().on(hidden, request -> endless(request, cut));
        String dribbling = target + "/dribbling";
        world.upstream().on(dribbling, request -> {
            request.response().setChunked(true).write("x");
            long timer =
                    world.vertx().setPeriodic(500, tick -> request.response().write("x"));
            request.response().closeHandler(end -> world.vertx().cancelTimer(timer));
        });
        try (RawCaller waiting = caller();
                RawCaller small = caller();
                RawCaller large = caller();
                RawCaller reader = caller()) {
            small.write(head("POST", target + "/small") + "Content-Length: 5000\r\n\r\n");
            large.write(head("PUT", target) + "Content-Length: 500000\r\n\r\n" + "x".repeat(70_000));
            reader.write(head("GET", hidden) + "\r\n");
            reader.readHead();
            waiting.write(head("GET", dribbling) + "\r\n");
            waiting.readHead();
            AtomicBoolean smallCut = dribble(small);
            AtomicBoolean largeCut = dribble(large);

            await().atMost(Duration.ofMinutes(3)).ignoreExceptions().until(() -> {
                if (cut.get() < 2) {
                    reader.in().read();
                }
                return smallCut.get() && largeCut.get() && cut.get() == 2;
            });
            assertThat(world.upstream().seen(target + "/small")).isEmpty();
        }
        await().atMost(Duration.ofMinutes(3))
                .until(() -> send(world.request("/q/metrics")).body().lines().toList(), lines -> {
                    return lines.contains("m365_proxy_bodies_kept 0.0")
                            && lines.contains("m365_proxy_calls_under_way 0.0");
                });
        assertThat(send(world.request("/q/metrics")).body())
                .as("who was the slow one")
                .contains("detail=\"caller-too-slow\",outcome=\"abandoned\"")
                .contains("detail=\"graph-too-slow\",outcome=\"failed\"");
    }

    @Test
    void roomOfABodyThatIsStreamedIsFreeWhileItStreams() throws Exception {
        AtomicLong received = new AtomicLong();
        world.upstream().on(target, request -> {
            request.handler(piece -> received.addAndGet(piece.length()));
            request.endHandler(end -> request.response().end());
        });
        try (RawCaller caller = caller()) {
            String piece = "x".repeat(70_000);
            caller.write(head("PUT", target) + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(70_000)
                    + "\r\n" + piece + "\r\n");
            await().atMost(Duration.ofMinutes(3)).until(() -> received.get() >= 65_536);

            await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> assertThat(
                            send(world.request("/q/metrics")).body().lines())
                    .contains("m365_proxy_bodies_kept 0.0", "m365_proxy_calls_under_way 1.0"));
            caller.write("0\r\n\r\n");
            assertThat(caller.readHead()).startsWith("HTTP/1.1 200");
        }
    }

    private static void endless(HttpServerRequest request, AtomicInteger cut) {
        request.response().setChunked(true).closeHandler(end -> cut.incrementAndGet());
        request.response().setWriteQueueMaxSize(1 << 16);
        fill(request);
    }

    private static void fill(HttpServerRequest request) {
        while (!request.response().closed() && !request.response().writeQueueFull()) {
            request.response().write("x".repeat(1 << 14));
        }
        if (!request.response().closed()) {
            request.response().drainHandler(drained -> fill(request));
        }
    }

    /** A byte every 100 ms, until the other side has had enough. */
    private AtomicBoolean dribble(RawCaller caller) {
        AtomicBoolean ended = new AtomicBoolean();
        Thread thread = new Thread(
                () -> {
                    try {
                        while (!ended.get()) {
                            caller.write("x");
                            Thread.sleep(100);
                        }
                    } catch (IOException | InterruptedException e) {
                        ended.set(true);
                    }
                },
                "dribble");
        thread.setDaemon(true);
        thread.start();
        return ended;
    }

    @Test
    void tokensInMemoryGoOnWithoutAuthService() throws Exception {
        portal.assign("BEN", "current-user*").token("user:BEN", "token-of-ben");
        assertThat(send(portal.request("ADA", target)).statusCode()).isEqualTo(200);

        world.auth().goAway();
        try {
            for (int call = 0; call < 5; call++) {
                assertThat(send(portal.request("ADA", target)).statusCode()).isEqualTo(200);
            }
            assertProblem(send(portal.request("BEN", target)), 503, "auth-unavailable");
        } finally {
            world.auth().comeBack();
        }

        assertThat(world.auth().questions(portal.accountKey("user:ADA"))).hasSize(1);
        assertThat(world.upstream().seen(target)).hasSize(6).allSatisfy(seen -> assertThat(seen.header("Authorization"))
                .isEqualTo("Bearer token-of-ada"));
        assertThat(send(portal.request("BEN", target)).statusCode()).isEqualTo(200);
    }

    private RawCaller caller() throws IOException {
        return new RawCaller(world.proxyPort());
    }

    private String head(String method, String path) {
        return method + " " + portal.path(path) + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + portal.key()
                + "\r\nX-Portal-User: ADA\r\n";
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return world.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void assertProblem(HttpResponse<String> answer, int status, String slug) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue(slug);
    }
}
