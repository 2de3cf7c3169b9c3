package org.m365connector.sync.door;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
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
        assertThat(post(item("a", clientStates.of(watch)), item("b", clientStates.of(watch))))
                .isEqualTo(202);
        assertThat(stored()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void itemsWithoutOurMarkAreDroppedAndDoNoHarm() {
        assertThat(post(item("forged", watch + ".AAAA"), item("good", clientStates.of(watch))))
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

    @Test
    void withoutKafkaTheAnswerIs503WithinASecondAndNothingIsLost() {
        assertThat(post(item("warm", clientStates.of(watch)))).isEqualTo(202);
        kafka("/stop");
        try {
            // A broker on its way down may still take one; what it has acknowledged it keeps.
            await().atMost(Duration.ofSeconds(60)).until(() -> post(item("last", clientStates.of(watch))) == 503);
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                assertThat(post(item("down" + i, clientStates.of(watch)))).isEqualTo(503);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
            }
        } finally {
            kafka("/restart");
        }

        // Graph sends again what was not answered 2xx.
        for (int i = 0; i < 5; i++) {
            String id = "down" + i;
            await().atMost(Duration.ofSeconds(60)).until(() -> post(item(id, clientStates.of(watch))) == 202);
        }
        assertThat(stored()).contains("warm", "down0", "down1", "down2", "down3", "down4");
    }
}
