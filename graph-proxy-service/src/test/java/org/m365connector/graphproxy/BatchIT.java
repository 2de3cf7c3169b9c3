package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.graph.core.content.BatchRequestContent;
import com.microsoft.graph.core.content.BatchResponseContent;
import com.microsoft.graph.models.MessageCollectionResponse;
import com.microsoft.graph.models.User;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import okhttp3.Request;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Narrowing;
import org.m365connector.view.Views;

/** Batches: what is inside is checked and counted like single calls, and arrives as it was sent. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class BatchIT {

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;

    @BeforeEach
    void onboard() throws Exception {
        world.emulator().reset();
        EntraLogin entra = new EntraLogin(world.emulatorBase());
        portal = TestPortal.with(world, views, world.emulatorBase())
                .assign("ADA", "service*")
                .assign("BEN", "current-user*")
                .token("user:BEN", entra.of(Seed.BEN))
                .token("service", entra.ofTheApp());
    }

    @Test
    void microsoftsClientSendsABatch() throws Exception {
        receiveMail(3);
        GraphServiceClient graph = client("BEN");
        BatchRequestContent batch = new BatchRequestContent(graph);
        // The client cuts "/v1.0" off the front of each address, so a step is addressed to Graph itself; it is not sent
        // there.
        String me = batch.addBatchRequestStep(
                new Request.Builder().url("https://graph.microsoft.com/v1.0/me").build());
        String mail = batch.addBatchRequestStep(new Request.Builder()
                .url("https://graph.microsoft.com/v1.0/me/messages?$top=1")
                .build());

        BatchResponseContent answer = graph.getBatchRequestBuilder().post(batch, null);

        User user = answer.getResponseById(me, User::createFromDiscriminatorValue);
        MessageCollectionResponse page =
                answer.getResponseById(mail, MessageCollectionResponse::createFromDiscriminatorValue);
        assertThat(user.getUserPrincipalName()).isEqualTo(Seed.BEN);
        assertThat(page.getOdataNextLink()).startsWith(world.proxyBase() + portal.path("/as/BEN/v1.0/me/messages?"));
        HttpResponse<String> next = world.client()
                .send(
                        HttpRequest.newBuilder(URI.create(page.getOdataNextLink()))
                                .header("X-API-Key", portal.key())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(next.statusCode()).isEqualTo(200);
    }

    @Test
    void bodyArrivesByteByByte() throws Exception {
        TestPortal other = TestPortal.with(world, views, world.upstreamBase())
                .assign("BEN", "current-user*")
                .token("user:BEN", "token-of-ben");
        String body =
                "{ \"requests\" :[\n{\"id\":\"ä\", \"method\":\"GET\",\"url\":\"/users/A%2bb?$filter=a eq 'b'\" } ]}\r\n";
        AtomicReference<String> arrived = new AtomicReference<>();
        world.upstream().on("/beta/$batch", request -> request.body().onSuccess(bytes -> {
            arrived.set(bytes.toString());
            request.response().putHeader("Content-Type", "application/json").end("{\"responses\":[]}");
        }));

        HttpResponse<String> answer = world.client()
                .send(
                        other.request("BEN", "/beta/$batch")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(arrived.get()).isEqualTo(body);
    }

    @Test
    void whatIsNotAllowedAloneIsNotAllowedInside() throws Exception {
        HttpResponse<String> answer = batch(
                "ADA",
                item("1", "GET", "/users/" + Seed.BEN + "/messages"),
                item("2", "GET", "/me/messages"),
                item("3", "POST", "teams/" + Seed.TEAM_ID + "/channels/x/messages"),
                item("4", "GET", "/users/../me"),
                item("5", "GET", "https://graph.microsoft.com/v1.0/me"),
                item("6", "GET", "/beta/me"),
                item("7", "GET", "/users/a%2Fb"),
                item("8", "POST", "/$batch"),
                item("9", "TRACE", "/me"));

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.headers().firstValue("X-M365-Problem")).hasValue("batch-refused");
        assertThat(problems(answer, "items"))
                .containsExactly(
                        "4 path-not-allowed",
                        "5 path-not-allowed",
                        "6 path-not-allowed",
                        "7 path-not-allowed",
                        "8 path-not-allowed",
                        "9 path-not-allowed");

        HttpResponse<String> second = batch(
                "ADA",
                item("1", "GET", "/users/" + Seed.BEN + "/messages"),
                item("2", "GET", "/me/messages"),
                item("3", "POST", "teams/" + Seed.TEAM_ID + "/channels/x/messages"));

        assertThat(problems(second, "items")).containsExactly("2 app-only-not-supported", "3 app-only-not-supported");
        assertThat(new JsonObject(second.body()).getBoolean("sent")).isFalse();
        assertThat(batchesAtGraph()).isZero();
    }

    @Test
    void eachRequestInsideIsHeldAgainstTheNarrowingOfTheAssignment() throws Exception {
        portal.assign("ADA", "service", Narrowing.OWN_MAILBOX.withToldUpn(Seed.ADA));

        HttpResponse<String> mailbox = batch(
                "ADA",
                item("own", "GET", "/users/" + Seed.ADA + "/messages"),
                item("other", "GET", "/users/" + Seed.BEN + "/messages"),
                item("led", "GET", "/users/" + Seed.ADA + "/manager/messages"),
                item("expanded", "GET", "/users/" + Seed.BEN + "?$expand=messages"),
                item("search", "POST", "/search/query"),
                item("subscription", "POST", "/subscriptions"));

        assertThat(problems(mailbox, "items"))
                .containsExactly(
                        "other not-allowed-by-assignment",
                        "led not-allowed-by-assignment",
                        "expanded not-allowed-by-assignment",
                        "search not-allowed-by-assignment",
                        "subscription not-allowed-by-assignment");

        portal.assign(
                "BEN",
                "current-user",
                new Narrowing(
                        Optional.of(List.of(new Narrowing.Operation("GET", "/me/messages/**"))),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));

        HttpResponse<String> operations = batch(
                "BEN",
                item("named", "GET", "/me/messages"),
                item("other", "POST", "/me/sendMail"),
                item("spelt", "GET", "/me/messages('x')/../../sendMail"),
                item("expanded", "GET", "/me/messages?$expand=sender"));

        assertThat(problems(operations, "items")).containsExactly("spelt path-not-allowed");
        operations = batch(
                "BEN",
                item("named", "GET", "/me/messages"),
                item("other", "POST", "/me/sendMail"),
                item("expanded", "GET", "/me/messages?$expand=sender"));
        assertThat(problems(operations, "items"))
                .containsExactly("other not-allowed-by-assignment", "expanded not-allowed-by-assignment");
        assertThat(batchesAtGraph()).isZero();

        // And what is allowed goes as one, though nobody has named the batch itself
        assertThat(batch("ADA", item("1", "GET", "/users/" + Seed.ADA + "/messages"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(batch("BEN", item("1", "GET", "/me/messages")).statusCode()).isEqualTo(200);
        assertThat(batchesAtGraph()).isEqualTo(2);
    }

    @Test
    void whoIsNarrowedWhileHisBatchIsUnderWayIsRefused() throws Exception {
        CompletableFuture<Void> narrowed = new CompletableFuture<>();
        String account = portal.accountKey("user:BEN");
        String token = new EntraLogin(world.emulatorBase()).of(Seed.BEN);
        world.auth().answers(account, question -> {
            narrowed.join();
            return AuthStandIn.token(token, 1);
        });
        CompletableFuture<HttpResponse<String>> call = world.client()
                .sendAsync(
                        portal.request("BEN", "/v1.0/$batch")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(
                                        "{\"requests\":[" + item("1", "GET", "/me/messages") + "]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        await().atMost(Duration.ofMinutes(3))
                .until(() -> !world.auth().questions(account).isEmpty());

        portal.assign(
                "BEN",
                "current-user",
                new Narrowing(
                        Optional.of(List.of(new Narrowing.Operation("GET", "/me"))),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        narrowed.complete(null);

        HttpResponse<String> answer = call.join();
        assertThat(problems(answer, "items")).containsExactly("1 not-allowed-by-assignment");
        assertThat(batchesAtGraph()).isZero();
    }

    @Test
    void whatCouldBeReadInTwoWaysIsRefused() throws Exception {
        String item = item("1", "GET", "/me");
        for (String body : List.of(
                "{\"requests\":[]}",
                "[]",
                "{\"requests\":[" + item + "],\"Requests\":[]}",
                "{\"requests\":[" + item + "],\"requests\":[]}",
                "{\"requests\":[" + item + "]} {}",
                "{\"requests\":[" + item.replace("\"url\"", "\"url\":\"/users\",\"url\"") + "]}",
                "{\"requests\":[" + item + "," + item + "]}",
                "{\"requests\":[" + item.replace("\"1\"", "1") + "]}",
                "{\"requests\":["
                        + String.join(
                                ",",
                                IntStream.range(0, 21)
                                        .mapToObj(n -> item("" + n, "GET", "/me"))
                                        .toList()) + "]}")) {
            HttpResponse<String> answer = post("BEN", body);
            assertThat(answer.headers().firstValue("X-M365-Problem")).as(body).hasValue("batch-invalid");
        }
        for (String bad : List.of(
                item.replace("\"url\"", "\"URL\":\"/users\",\"url\""),
                item.replace("}", ",\"headers\":{\"X-HTTP-Method-Override\":\"DELETE\"}}"),
                item.replace("}", ",\"headers\":{\"authorization\":\"Bearer x\"}}"),
                item.replace("}", ",\"Headers\":{\"X-HTTP-Method-Override\":\"DELETE\"}}"),
                item.replace("}", ",\"headers\":[\"X-HTTP-Method-Override: DELETE\"]}"),
                item.replace("}", ",\"headers\":{\"X-Api-Key\":\"k\"}}"),
                item.replace("}", ",\"headers\":{\"cookie\":\"c\"}}"),
                item.replace("}", ",\"headers\":{\"X-M365-Account\":\"service\"}}"),
                item("1", "GET", "/Beta/me"),
                item("1", "GET", "/%62eta/me"),
                item("1", "POST", "/me/$batch;x=1"))) {
            assertThat(post("BEN", "{\"requests\":[" + bad + "]}").headers().firstValue("X-M365-Problem"))
                    .as(bad)
                    .hasValue("batch-refused");
        }
        for (String address : List.of("/v1.0/me/$batch", "/v1.0/$batch;x=1", "/v1.0/%24batch/x")) {
            assertThat(world.client()
                            .send(
                                    portal.request("BEN", address)
                                            .POST(BodyPublishers.ofString("{\"requests\":[" + item + "]}"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .headers()
                            .firstValue("X-M365-Problem"))
                    .as(address)
                    .hasValue("path-not-allowed");
        }
        assertThat(post("BEN", " ".repeat(4 * 1024 * 1024 + 1)).statusCode()).isEqualTo(413);
        assertThat(batchesAtGraph()).isZero();
    }

    @Test
    void aThrottledItemClosesItsScopeForSingleCallsToo() throws Exception {
        // Of nobody else: it stays closed for a while.
        String channel = "/teams/" + UUID.randomUUID() + "/channels/19%3Ax%40thread.tacv2";
        TestPortal other = TestPortal.with(world, views, world.upstreamBase())
                .assign("BEN", "current-user*")
                .token("user:BEN", "token-of-ben");
        world.upstream().on("/v1.0/$batch", request -> request.response()
                .putHeader("Content-Type", "application/json")
                .end(
                        "{\"responses\":[{\"id\":\"b\",\"status\":429,\"headers\":{\"Retry-After\":\"33\"},\"body\":{\"status\":200}},"
                                + "{\"id\":\"a\",\"status\":200,\"body\":{\"responses\":[{\"status\":429}]}}]}"));

        HttpResponse<String> answer = world.client()
                .send(
                        other.request("BEN", "/v1.0/$batch")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"requests\":[" + item("a", "GET", "/me/messages") + ","
                                        + item("b", "GET", channel) + "]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> single = world.client()
                .send(other.request("BEN", "/v1.0" + channel).build(), HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> mail = world.client()
                .send(other.request("BEN", "/v1.0/me/messages").build(), HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(single.statusCode()).isEqualTo(429);
        assertThat(single.headers().firstValue("X-M365-Problem")).hasValue("throttled-by-connector");
        assertThat(Integer.parseInt(single.headers().firstValue("Retry-After").orElseThrow()))
                .isBetween(20, 33);
        assertThat(new JsonObject(single.body()).getString("limit")).isEqualTo("channel");
        assertThat(mail.statusCode()).isEqualTo(200);
    }

    @Test
    void dateInAThrottledItemIsMeasuredByGraphsOwnClock() throws Exception {
        String channel = "/teams/" + UUID.randomUUID() + "/channels/19%3Ax%40thread.tacv2";
        ZonedDateTime atGraph = ZonedDateTime.now(ZoneOffset.UTC).minusSeconds(90);
        TestPortal other = TestPortal.with(world, views, world.upstreamBase())
                .assign("BEN", "current-user*")
                .token("user:BEN", "token-of-ben");
        world.upstream().on("/v1.0/$batch", request -> request.response()
                .putHeader("Content-Type", "application/json")
                .putHeader("Date", atGraph.format(DateTimeFormatter.RFC_1123_DATE_TIME))
                .end("{\"responses\":[{\"id\":\"1\",\"status\":429,\"headers\":{\"Retry-After\":\""
                        + atGraph.plusSeconds(40).format(DateTimeFormatter.RFC_1123_DATE_TIME) + "\"}}]}"));

        HttpResponse<String> answer = world.client()
                .send(
                        other.request("BEN", "/v1.0/$batch")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"requests\":[" + item("1", "GET", channel) + "]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> single = world.client()
                .send(other.request("BEN", "/v1.0" + channel).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(single.headers().firstValue("X-M365-Problem")).hasValue("throttled-by-connector");
    }

    @Test
    void locationsInTheAnswerLeadBackHere() throws Exception {
        TestPortal other = TestPortal.with(world, views, world.upstreamBase())
                .assign("BEN", "current-user*")
                .token("user:BEN", "token-of-ben");
        String graph = world.upstreamBase() + "/v1.0/me/events/1";
        String told = "{\"responses\":[{\"id\":\"1\",\"status\":201,\"headers\":{\"Location\" : \"" + graph
                + "\",\"content-location\":\"" + graph + "\",\"X\":\"" + graph
                + "\"},\"body\":{\"Location\":\"" + graph + "\",\"headers\":{\"Location\":\"" + graph
                + "\"},\"@odata.nextLink\":\"" + graph + "\"}}],\"headers\":{\"Location\":\"" + graph + "\"}}";
        world.upstream().on("/v1.0/$batch", request -> request.response()
                .putHeader("Content-Type", "application/json")
                .end(told));

        HttpResponse<String> answer = world.client()
                .send(
                        other.request("BEN", "/v1.0/$batch")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"requests\":[" + item("1", "GET", "/me") + "]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        String here = world.proxyBase() + other.path("/v1.0/me/events/1");
        assertThat(answer.body())
                .isEqualTo(told.replace("\"Location\" : \"" + graph, "\"Location\" : \"" + here)
                        .replace("\"content-location\":\"" + graph, "\"content-location\":\"" + here)
                        .replace("nextLink\":\"" + graph, "nextLink\":\"" + here));
    }

    /** Six MiB of bodies fit into this proxy's memory. */
    @Test
    void moreBatchesAtOnceThanFitIntoMemoryComeLaterAndOtherCallsGoOn() throws Exception {
        TestPortal other = TestPortal.with(world, views, world.upstreamBase())
                .assign("BEN", "current-user*")
                .token("user:BEN", "token-of-ben");
        int size = 4 * 1024 * 1024;
        String head = "POST " + other.path("/v1.0/$batch") + " HTTP/1.1\r\nHost: x\r\nX-API-Key: " + other.key()
                + "\r\nX-Portal-User: BEN\r\nContent-Type: application/json\r\nContent-Length: " + size + "\r\n\r\n";
        try (RawCaller first = new RawCaller(world.proxyPort());
                RawCaller second = new RawCaller(world.proxyPort())) {
            first.write(head + " ".repeat(size - 1000));
            second.write(head + " ".repeat(size - 1000));
            CompletableFuture<String> refused =
                    CompletableFuture.anyOf(head(first), head(second)).thenApply(String.class::cast);
            assertThat(refused.get(60, TimeUnit.SECONDS))
                    .contains(" 503 ")
                    .contains("X-M365-Problem: too-many-calls")
                    .containsIgnoringCase("connection: close");

            assertThat(world.client()
                            .send(
                                    other.request("BEN", "/v1.0/me/drive")
                                            .POST(BodyPublishers.ofString("x".repeat(30_000)))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    private static CompletableFuture<String> head(RawCaller caller) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return caller.readHead();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static List<String> problems(HttpResponse<String> answer, String member) {
        JsonArray items = new JsonObject(answer.body()).getJsonArray(member);
        assertThat(items).as(answer.body()).isNotNull();
        return items.stream()
                .map(JsonObject.class::cast)
                .map(item -> item.getString("id") + " " + item.getString("problem"))
                .toList();
    }

    private static String item(String id, String method, String url) {
        return "{\"id\":\"" + id + "\",\"method\":\"" + method + "\",\"url\":\"" + url + "\"}";
    }

    private HttpResponse<String> batch(String user, String... items) throws Exception {
        return post(user, "{\"requests\":[" + String.join(",", items) + "]}");
    }

    private HttpResponse<String> post(String user, String body) throws Exception {
        return world.client()
                .send(
                        portal.request(user, "/v1.0/$batch")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private long batchesAtGraph() throws Exception {
        HttpResponse<String> answer = world.client()
                .send(
                        HttpRequest.newBuilder(URI.create(world.emulatorBase() + "/_emulator/requests"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return new JsonObject(answer.body())
                .getJsonArray("requests").stream()
                        .map(JsonObject.class::cast)
                        .filter(request -> request.getString("path").endsWith("$batch"))
                        .count();
    }

    private void receiveMail(int count) throws Exception {
        JsonObject activity = new JsonObject()
                .put("kind", "mail")
                .put("op", "create")
                .put("mailbox", Seed.BEN)
                .put("subject", "Hi")
                .put("from", "clara@contoso.example")
                .put("count", count);
        world.client()
                .send(
                        HttpRequest.newBuilder(URI.create(world.emulatorBase() + "/_emulator/activity"))
                                .POST(BodyPublishers.ofString(activity.encode()))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
    }

    private GraphServiceClient client(String portalUser) {
        GraphServiceClient client = new GraphServiceClient(
                (request, context) -> request.headers.add("Authorization", "Bearer " + portal.key()));
        client.getRequestAdapter().setBaseUrl(world.proxyBase() + portal.path("/as/" + portalUser + "/v1.0"));
        return client;
    }
}
