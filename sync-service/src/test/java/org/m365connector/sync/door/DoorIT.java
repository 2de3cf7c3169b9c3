package org.m365connector.sync.door;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.m365connector.events.EventCodec;
import org.m365connector.events.NotificationHint;
import org.m365connector.events.Reading;
import org.m365connector.events.Topics;
import org.m365connector.sync.PortalOfTests;

/** Answered 2xx means stored; needs Kafka only: there is no database here. */
@QuarkusTest
@TestProfile(DoorIT.DoorOnly.class)
@WithTestResource(StoppableKafka.class)
class DoorIT {
    /** An application of its own. */
    public static final class DoorOnly implements QuarkusTestProfile {}

    @Inject
    ClientStates clientStates;

    private final String watch = UUID.randomUUID().toString();

    private String item(String id, String clientState) {
        return "{\"subscriptionId\":\"" + id + "\",\"subscriptionExpirationDateTime\":\"2026-11-23T00:00:00Z\","
                + "\"changeType\":\"created\",\"resource\":\"Users/u/Messages/" + id + "\",\"clientState\":\""
                + clientState + "\",\"tenantId\":\"t\"}";
    }

    private int post(String... items) {
        return given().contentType("application/json")
                .body("{\"value\":[" + String.join(",", items) + "]}")
                .post("/notifications")
                .statusCode();
    }

    /** As Graph does it, which sends again what is answered 503: Kafka's acknowledgement came later than the door waits. */
    private int sendUntilTaken(String... items) {
        return await().atMost(Duration.ofMinutes(3)).until(() -> post(items), status -> status != 503);
    }

    private static void kafka(String what) {
        given().get(ConfigProvider.getConfig().getValue("test.kafka-switches", String.class) + what)
                .then()
                .statusCode(204);
    }

    private Set<String> stored() {
        Set<String> stored = new HashSet<>();
        PortalOfTests.records(Topics.NOTIFICATIONS).forEach(record -> {
            if (EventCodec.read(record) instanceof Reading.Understood understood
                    && watch.equals(understood.event().data().path("watch").asText())) {
                stored.add(understood.event().data().path("subscriptionId").asText());
                assertThat(understood.event().type()).isEqualTo(NotificationHint.TYPE);
                assertThat(record.key()).isEqualTo(watch);
            }
        });
        return stored;
    }

    @Test
    void handshakeEchoesTheDecodedTokenExactly() {
        String encoded =
                "Validation%3A+Testing+client%20application+100%25+a%2Bb+%C3%BC%E2%82%AC+Request-Id%3A+522a8e7e";

        for (String path : new String[] {"/notifications", "/lifecycle"}) {
            String echo = given().urlEncodingEnabled(false)
                    .contentType("text/plain; charset=utf-8")
                    .post(path + "?validationToken=" + encoded)
                    .then()
                    .statusCode(200)
                    .header("Content-Type", org.hamcrest.Matchers.startsWith("text/plain"))
                    .header("X-Content-Type-Options", "nosniff")
                    .extract()
                    .asString();
            assertThat(echo).isEqualTo("Validation: Testing client application 100% a+b ü€ Request-Id: 522a8e7e");
        }
    }

    @Test
    void tokenThatIsTooLongIsRefused() {
        given().queryParam("validationToken", "x".repeat(4097))
                .post("/notifications")
                .then()
                .statusCode(400);
    }

    @Test
    void itemsWithOurMarkAreStoredBeforeTheAnswer() {
        assertThat(sendUntilTaken(item("a", clientStates.of(watch)), item("b", clientStates.of(watch))))
                .isEqualTo(202);
        assertThat(stored()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void itemsWithoutOurMarkAreDroppedAndDoNoHarm() {
        assertThat(sendUntilTaken(item("forged", watch + ".AAAA"), item("good", clientStates.of(watch))))
                .isEqualTo(202);
        assertThat(post(item("forged", "secret"))).isEqualTo(202);
        assertThat(stored()).containsExactly("good");
    }

    @Test
    void garbageIsRefused() {
        for (String garbage : new String[] {"", "{", "[]", "17", "{\"value\":{}}", "[".repeat(5000)}) {
            given().contentType("application/json")
                    .body(garbage)
                    .post("/notifications")
                    .then()
                    .statusCode(400);
        }
        given().contentType("application/json")
                .body("{\"value\":[" + " ".repeat(2_000_000) + "]}")
                .post("/notifications")
                .then()
                .statusCode(413);
    }

    @ParameterizedTest
    @MethodSource
    void hostileBodiesAreRefusedAndTheDoorGoesOn(String what, byte[] body, int status) {
        assertThat(given().contentType("application/json")
                        .body(body)
                        .post("/notifications")
                        .statusCode())
                .as(what)
                .isEqualTo(status);
        assertThat(sendUntilTaken(item("after", clientStates.of(watch)))).isEqualTo(202);
        assertThat(stored()).containsExactly("after");
    }

    static Stream<Arguments> hostileBodiesAreRefusedAndTheDoorGoesOn() {
        String deep = "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000);
        String item = "{\"value\":[{\"subscriptionId\":\"s\",\"clientState\":%s}]}";
        byte[] binary = new byte[1_000];
        new Random(1).nextBytes(binary);
        return Stream.of(
                Arguments.of("deep objects", utf8(deep), 400),
                Arguments.of("a deep item", utf8("{\"value\":[" + deep + "]}"), 400),
                Arguments.of("nothing but space", utf8("   "), 400),
                Arguments.of("null", utf8("null"), 400),
                Arguments.of("two documents", utf8("{\"value\":[]} {\"value\":[]}"), 400),
                Arguments.of("bytes of chance", binary, 400),
                Arguments.of("broken UTF-8", new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'}, 400),
                Arguments.of("packed", new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 0}, 400),
                Arguments.of("too many items", utf8("{\"value\":[" + "1,".repeat(1_000) + "1]}"), 400),
                Arguments.of("items that are none", utf8("{\"value\":[1,null,\"x\",[],{}]}"), 202),
                Arguments.of("no mark", utf8(item.formatted("null")), 202),
                Arguments.of("a number as mark", utf8(item.formatted("1e400")), 202),
                Arguments.of("a long mark", utf8(item.formatted("\"" + "x".repeat(100_000) + "\"")), 202),
                Arguments.of("a mark of dots", utf8(item.formatted("\"....\"")), 202),
                Arguments.of("a mark that is half a character", utf8(item.formatted("\"\\ud800.AAAA\"")), 202),
                Arguments.of("2 MB", utf8("{\"value\":[\"" + "x".repeat(2_000_000) + "\"]}"), 413));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void fiftyMegabytesAreNotTakenIn() throws IOException {
        URI door = URI.create(RestAssured.baseURI + ":" + RestAssured.port);
        for (String length : List.of("Content-Length: 52428800", "Transfer-Encoding: chunked")) {
            try (Socket socket = new Socket(door.getHost(), door.getPort())) {
                socket.setSoTimeout(60_000);
                Thread sender = new Thread(() -> sendFiftyMegabytes(socket, length));
                sender.start();
                assertThat(statusLine(socket)).as(length).matches("none|HTTP/1.1 413 .*");
            }
        }
        assertThat(sendUntilTaken(item("after", clientStates.of(watch)))).isEqualTo(202);
    }

    private static void sendFiftyMegabytes(Socket socket, String length) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(utf8("POST /notifications HTTP/1.1\r\nHost: door\r\nContent-Type: application/json\r\n" + length
                    + "\r\n\r\n"));
            byte[] chunk = utf8("10000\r\n" + "x".repeat(0x10000) + "\r\n");
            for (int sent = 0; sent < 52_428_800; sent += chunk.length) {
                out.write(chunk);
            }
        } catch (IOException e) {
            // It has hung up, which is right.
        }
    }

    /** It may be lost with what was still on its way. */
    private static String statusLine(Socket socket) {
        try {
            String line = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return line == null ? "none" : line;
        } catch (SocketTimeoutException e) {
            return "no answer within a minute";
        } catch (IOException e) {
            return "none";
        }
    }

    @Test
    void replayedAndOddNotificationsAreHintsLikeOthers() {
        String odd = "{\"subscriptionId\":\"odd\",\"changeType\":\"\\ud800\",\"resource\":\"" + "r".repeat(900_000)
                + "\\u0000\",\"clientState\":\"" + clientStates.of(watch) + "\"}";
        for (int i = 0; i < 3; i++) {
            assertThat(sendUntilTaken(item("replayed", clientStates.of(watch)))).isEqualTo(202);
        }
        assertThat(sendUntilTaken(odd)).isEqualTo(202);
        assertThat(stored()).containsExactlyInAnyOrder("replayed", "odd");
    }

    @Test
    void oddTokensAreNoCrash() throws IOException {
        for (String query :
                List.of("validationToken=%zz", "validationToken=%", "validationToken", "validationToken=")) {
            HttpURLConnection call = (HttpURLConnection)
                    new URL(RestAssured.baseURI + ":" + RestAssured.port + "/notifications?" + query).openConnection();
            call.setRequestMethod("POST");
            assertThat(call.getResponseCode()).as(query).isEqualTo(400);
        }
    }

    @Test
    void withoutKafkaTheAnswerIs503WithinASecondAndNothingIsLost() {
        assertThat(sendUntilTaken(item("warm", clientStates.of(watch)))).isEqualTo(202);
        kafka("/stop");
        try {
            // A broker on its way down may still take one; what it has acknowledged it keeps.
            await().atMost(Duration.ofMinutes(3)).until(() -> post(item("last", clientStates.of(watch))) == 503);
            List<Duration> taken = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                assertThat(post(item("down" + i, clientStates.of(watch)))).isEqualTo(503);
                taken.add(Duration.ofNanos(System.nanoTime() - start));
            }
            // The door itself waits for 900 ms of it; the rest is the machine's.
            assertThat(taken)
                    .allMatch(one -> one.compareTo(Duration.ofSeconds(3)) < 0)
                    .anyMatch(one -> one.compareTo(Duration.ofSeconds(1)) < 0);
        } finally {
            kafka("/restart");
        }

        // Graph sends again what was not answered 2xx.
        for (int i = 0; i < 5; i++) {
            String id = "down" + i;
            await().atMost(Duration.ofMinutes(3)).until(() -> post(item(id, clientStates.of(watch))) == 202);
        }
        assertThat(stored()).contains("warm", "down0", "down1", "down2", "down3", "down4");
    }

    @Test
    void whatCannotBeStoredIsRefusedBeforeItsBodyHasCome() throws Exception {
        assertThat(sendUntilTaken(item("warm", clientStates.of(watch)))).isEqualTo(202);
        kafka("/stop");
        ExecutorService others = Executors.newFixedThreadPool(4);
        try {
            // Given more than a few notifications that wait for Kafka all the time
            AtomicBoolean going = new AtomicBoolean(true);
            String[] many = Collections.nCopies(1_000, item("waits", clientStates.of(watch)))
                    .toArray(String[]::new);
            for (int i = 0; i < 4; i++) {
                others.execute(() -> {
                    while (going.get()) {
                        post(many);
                    }
                });
            }

            // When Graph has sent no more than its headers, then it is answered
            try (Socket graph = new Socket(URI.create(RestAssured.baseURI).getHost(), RestAssured.port)) {
                byte[] body = utf8("{\"value\":[" + item("unread", clientStates.of(watch)) + "]}");
                byte[] headers = utf8("POST /notifications HTTP/1.1\r\nHost: door\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length + "\r\n\r\n");
                String status = "";
                for (int i = 0; i < 60 && status.isEmpty(); i++) {
                    graph.getOutputStream().write(headers);
                    status = statusWithin(graph, 500);
                    graph.getOutputStream().write(body);
                    if (status.isEmpty()) {
                        assertThat(statusWithin(graph, 60_000)).isEqualTo("503");
                    }
                }
                assertThat(status).isEqualTo("503");

                // And the connection is of use after that
                graph.getOutputStream()
                        .write(
                                utf8(
                                        "POST /notifications?validationToken=x HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n"));
                assertThat(statusWithin(graph, 60_000)).isEqualTo("200");
            } finally {
                going.set(false);
            }
        } finally {
            others.shutdown();
            assertThat(others.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
            kafka("/restart");
        }
        await().atMost(Duration.ofMinutes(3)).until(() -> post(item("after", clientStates.of(watch))) == 202);
        assertThat(stored()).contains("after").doesNotContain("unread");
    }

    /** The status of an answer that is read to its end; empty where none has come by then. */
    private static String statusWithin(Socket socket, int millis) throws IOException {
        socket.setSoTimeout(millis);
        StringBuilder headers = new StringBuilder();
        try {
            headers.append(next(socket));
        } catch (SocketTimeoutException e) {
            return "";
        }
        socket.setSoTimeout(60_000);
        while (headers.indexOf("\r\n\r\n") < 0) {
            headers.append(next(socket));
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(headers);
        if (length.find()) {
            socket.getInputStream().readNBytes(Integer.parseInt(length.group(1)));
        }
        return headers.substring(9, 12);
    }

    private static char next(Socket socket) throws IOException {
        int read = socket.getInputStream().read();
        if (read < 0) {
            throw new EOFException("the door has hung up");
        }
        return (char) read;
    }
}
