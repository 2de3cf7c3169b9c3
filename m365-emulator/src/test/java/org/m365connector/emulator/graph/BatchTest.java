package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;

class BatchTest {

    private static Emulator emulator;
    private static GraphClientOfTests graph;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        graph = new GraphClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
    }

    private static Answer batch(String token, String... requests) {
        return graph.post(token, "/$batch", "{\"requests\":[" + String.join(",", requests) + "]}");
    }

    private static String get(String id, String url) {
        return "{\"id\":\"" + id + "\",\"method\":\"GET\",\"url\":\"" + url + "\"}";
    }

    private static JsonNode response(Answer answer, String id) {
        return StreamSupport.stream(answer.json().path("responses").spliterator(), false)
                .filter(response -> response.path("id").asText().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "no item " + id + " in " + answer.http().body()));
    }

    @Test
    void everyItemHasItsOwnStatusAndBody() {
        Answer answer = batch(
                graph.tokenOf(Seed.BEN),
                get("1", "/me"),
                get("2", "me/messages?$top=1&$select=subject"),
                get("3", "/me/nothing"),
                "{\"id\":\"4\",\"method\":\"post\",\"url\":\"/me/sendMail\",\"headers\":{\"content-type\":\"application/json\"},"
                        + "\"body\":{\"message\":{\"subject\":\"Hi\",\"toRecipients\":[{\"emailAddress\":{\"address\":\""
                        + Seed.ADA + "\"}}]}}}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(response(answer, "1").path("body").path("userPrincipalName").asText())
                .isEqualTo(Seed.BEN);
        assertThat(response(answer, "2").path("status").asInt()).isEqualTo(200);
        assertThat(response(answer, "3").path("status").asInt()).isEqualTo(400);
        assertThat(response(answer, "3")
                        .path("body")
                        .path("error")
                        .path("innerError")
                        .path("request-id")
                        .asText())
                .isNotEmpty();
        assertThat(response(answer, "4").path("status").asInt())
                .as(answer.http().body())
                .isEqualTo(202);
        assertThat(response(answer, "4").has("body")).isFalse();
    }

    @Test
    void permissionsAreAskedForEveryItem() {
        Answer answer = batch(graph.tokenOf(Seed.BEN, Set.of("User.Read")), get("1", "/me"), get("2", "/me/messages"));

        assertThat(response(answer, "1").path("status").asInt()).isEqualTo(200);
        assertThat(response(answer, "2").path("status").asInt()).isEqualTo(403);
        assertThat(response(answer, "2").path("body").path("error").path("code").asText())
                .isEqualTo("ErrorAccessDenied");
    }

    @Test
    void whoDependsOnAFailedItemFailsToo() {
        Answer answer = batch(
                graph.tokenOf(Seed.BEN),
                get("1", "/me/nothing"),
                get("2", "/me").replace("\"url\"", "\"dependsOn\":[\"1\"],\"url\""),
                get("3", "/me").replace("\"url\"", "\"dependsOn\":[\"2\"],\"url\""),
                get("4", "/me"));

        for (String id : new String[] {"2", "3"}) {
            assertThat(response(answer, id).path("status").asInt()).isEqualTo(424);
            assertThat(response(answer, id)
                            .path("body")
                            .path("error")
                            .path("code")
                            .asText())
                    .isEqualTo("FailedDependency");
        }
        assertThat(response(answer, "4").path("status").asInt()).isEqualTo(200);
    }

    @Test
    void limitsCountForEveryItem() {
        String channel = "/teams/" + Seed.TEAM_ID + "/channels/" + GraphClientOfTests.encoded(Seed.GENERAL_ID);

        Answer answer = batch(graph.appToken(), get("1", channel), get("2", channel));

        Set<Integer> statuses = Set.of(
                response(answer, "1").path("status").asInt(),
                response(answer, "2").path("status").asInt());
        assertThat(statuses).containsExactlyInAnyOrder(200, 429);
        String refused = response(answer, "1").path("status").asInt() == 429 ? "1" : "2";
        assertThat(response(answer, refused).path("headers").path("Retry-After").asText())
                .isEqualTo("1");
    }

    @Test
    void aMailboxSeesFourItemsAtOnceAtMost() {
        graph.control("POST", "/graph", "{\"throttling\":{\"latencyMillis\":50}}");
        String[] requests = IntStream.range(0, 20)
                .mapToObj(n -> get(
                        "" + n,
                        n % 2 == 0 ? "/users/" + Seed.BEN + "/messages" : "/users/" + Seed.BEN_OID + "/messages"))
                .toArray(String[]::new);

        Answer answer = batch(graph.appToken(), requests);

        assertThat(StreamSupport.stream(answer.json().path("responses").spliterator(), false)
                        .map(response -> response.path("status").asInt())
                        .collect(Collectors.toSet()))
                .containsExactly(200);
    }

    @Test
    void whatIsNoBatchIsRefusedWhole() {
        String token = graph.tokenOf(Seed.BEN);
        String[] twentyOne =
                IntStream.range(0, 21).mapToObj(n -> get("" + n, "/me")).toArray(String[]::new);
        assertThat(batch(token).status()).isEqualTo(400);
        assertThat(batch(token, twentyOne).status()).isEqualTo(400);
        assertThat(batch(token, get("a", "/me"), get("A", "/me")).status()).isEqualTo(400);
        assertThat(batch(token, get("1", "/me").replace("\"url\"", "\"dependsOn\":[\"1\"],\"url\""))
                        .status())
                .isEqualTo(400);
        assertThat(batch(token, get("1", "/me").replace("GET", "POST").replace("\"url\"", "\"body\":{},\"url\""))
                        .status())
                .isEqualTo(400);
        assertThat(graph.post(token, "/$batch", "[]").status()).isEqualTo(400);
        assertThat(batch("nonsense", get("1", "/me")).status()).isEqualTo(401);
        assertThat(response(batch(token, get("1", "/$batch").replace("GET", "POST")), "1")
                        .path("status")
                        .asInt())
                .isEqualTo(400);
    }
}
