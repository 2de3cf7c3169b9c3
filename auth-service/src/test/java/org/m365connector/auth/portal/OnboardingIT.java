package org.m365connector.auth.portal;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.m365connector.access.KeyHash;
import org.m365connector.auth.AuthIT;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.Topics;

@QuarkusTest
class OnboardingIT extends AuthIT {

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrap;

    @Test
    void anOnboardedPortalHasItsTopicsAndIsAnnouncedWithoutItsKey() throws ExecutionException, InterruptedException {
        onboard();

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            Map<String, TopicDescription> topics = admin.describeTopics(List.of(
                            Topics.actions(portal),
                            Topics.results(portal),
                            Topics.changes(portal),
                            Topics.logins(portal),
                            Topics.users(portal),
                            Topics.deadLetter(Topics.actions(portal)),
                            Topics.deadLetter(Topics.users(portal)),
                            Topics.PORTALS))
                    .allTopicNames()
                    .get();
            assertThat(topics.get(Topics.actions(portal)).partitions()).hasSize(6);
        }
        await().atMost(PATIENCE).until(() -> types(Topics.PORTALS, portal.value()), List.of(PortalRecord.TYPE)::equals);
        JsonNode record = events(Topics.PORTALS, portal.value()).get(0).data();
        assertThat(record.path("keyHashes").path(0).asText()).isEqualTo(KeyHash.of(portalKey));
        assertThat(record.toString()).doesNotContain(portalKey);
        assertThat(record.path("state").asText()).isEqualTo("active");
        assertThat(record.path("origins").path(0).asText()).isEqualTo("https://portal.example");
    }

    @Test
    void theAnswerSaysHowToReachKafka() {
        asAdmin()
                .body(Map.of(
                        "id",
                        portal.value(),
                        "name",
                        "P",
                        "intrexxVersion",
                        "12.0.1",
                        "entitlement",
                        Map.of("users", 50)))
                .post("/api/portals")
                .then()
                .statusCode(201)
                .header("Location", endsWith("/api/portals/" + portal))
                .body("id", equalTo(portal.value()))
                .body("key.value", notNullValue())
                .body("kafka.bootstrap", equalTo(bootstrap))
                .body("kafka.topics.actions", equalTo("portal." + portal + ".actions"))
                .body("kafka.groupPrefix", equalTo("portal." + portal + "."))
                .body("kafka.principal", equalTo("User:portal-" + portal));
        asAdmin()
                .get("/api/portals/" + portal)
                .then()
                .statusCode(200)
                .body("key", nullValue())
                .body("entitlement.users", equalTo(50));
    }

    @Test
    void badPortalsAreRefusedEachForItsReason() {
        onboard();

        refused(Map.of("id", portal.value(), "name", "P", "intrexxVersion", "10.4.0"), 409, "portal-exists");
        refused(Map.of("id", "old", "name", "P", "intrexxVersion", "10.3.9"), 422, "portal-too-old");
        refused(Map.of("id", "Not An Id", "name", "P", "intrexxVersion", "10.4.0"), 400, "invalid-request");
        refused(Map.of("id", "x", "name", "P", "intrexxVersion", "ten"), 400, "invalid-request");
        refused(Map.of("id", "x", "intrexxVersion", "10.4.0"), 400, "invalid-request");
        refused(
                Map.of("id", "x", "name", "P", "intrexxVersion", "10.4.0", "origins", List.of("https://a.example/")),
                422,
                "origin-invalid");
        with(portalKey).get("/api/portals").then().statusCode(403);
        with("wrong-key").get("/api/portals").then().statusCode(401);
        given().get("/api/portals").then().statusCode(401);
        asAdmin()
                .header("Accept-Language", "de")
                .get("/api/portals/missing")
                .then()
                .statusCode(404)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/portal-unknown"))
                .body("title", equalTo("Dieses Portal gibt es nicht"));
    }

    @Test
    void severalKeysWorkUntilTheyAreRemoved() {
        onboard();
        register();
        String first = portalKey;
        String firstId = asAdmin().get(path("/keys")).then().extract().path("[0].id");
        String second =
                asAdmin().post(path("/keys")).then().statusCode(201).extract().path("value");

        assertThat(statusWith(first)).isEqualTo(200);
        assertThat(statusWith(second)).isEqualTo(200);

        asAdmin().delete(path("/keys/" + firstId)).then().statusCode(204);
        assertThat(statusWith(first)).isEqualTo(401);
        assertThat(statusWith(second)).isEqualTo(200);

        asAdmin()
                .get(path("/keys"))
                .then()
                .body("$", hasSize(1))
                .body("[0].value", nullValue())
                .body("[0].id", not(equalTo(firstId)));
        String last = asAdmin().get(path("/keys")).then().extract().path("[0].id");
        asAdmin().delete(path("/keys/" + last)).then().statusCode(409).header("X-M365-Problem", "last-key");
    }

    @Test
    void aKeyOpensItsOwnPortalOnly() {
        onboard();
        register();
        String keyOfFirst = portalKey;
        var first = portal;
        portal = new org.m365connector.events.PortalId(first + "b");
        onboard();
        register();

        with(keyOfFirst).get(registrationPath("/logins/" + ada)).then().statusCode(403);
        asPortal().get(registrationPath("/logins/" + ada)).then().statusCode(200);
    }

    @Test
    void aPortalIsChangedAndListed() {
        onboard();

        asAdmin()
                .body(Map.of("name", "New name", "language", "en"))
                .patch(path(""))
                .then()
                .statusCode(200)
                .body("name", equalTo("New name"))
                .body("intrexxVersion", equalTo("10.4.0"));
        asAdmin()
                .body(Map.of("intrexxVersion", "9.0"))
                .patch(path(""))
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "portal-too-old");
        assertThat(asAdmin().get("/api/portals").then().extract().<List<String>>path("items.id"))
                .contains(portal.value());
    }

    @Test
    void aPortalThatIsRemovedTakesEverythingWithIt() {
        onboard();
        register();
        String account = portal + "/" + REGISTRATION + "/service";
        await().atMost(PATIENCE).until(() -> types(Topics.ACCOUNTS, account), List.of(AccountRecord.TYPE)::equals);

        asAdmin().delete(path("")).then().statusCode(204);

        asAdmin().get(path("")).then().statusCode(404);
        await().atMost(PATIENCE).until(() -> isGone(Topics.PORTALS, portal.value()));
        await().atMost(PATIENCE).until(() -> isGone(Topics.REGISTRATIONS, portal + "/" + REGISTRATION));
        await().atMost(PATIENCE).until(() -> isGone(Topics.ACCOUNTS, account));
        token("service").statusCode(404).header("X-M365-Problem", "registration-unknown");
        assertThat(types(Topics.REGISTRATIONS, portal.value())).containsExactly(RegistrationRecord.MADE);
    }

    private void refused(Map<String, Object> body, int status, String slug) {
        asAdmin()
                .body(body)
                .post("/api/portals")
                .then()
                .statusCode(status)
                .contentType("application/problem+json")
                .body("type", equalTo("/problems/" + slug));
    }

    private int statusWith(String key) {
        return with(key).get(registrationPath("/logins/" + ada)).statusCode();
    }
}
