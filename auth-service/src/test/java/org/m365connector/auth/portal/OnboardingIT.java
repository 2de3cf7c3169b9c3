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
import io.restassured.response.ValidatableResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.m365connector.access.KeyHash;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.EmulatorTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
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
                            Topics.deadLetter(Topics.results(portal)),
                            Topics.deadLetter(Topics.changes(portal)),
                            Topics.deadLetter(Topics.logins(portal)),
                            Topics.PORTALS))
                    .allTopicNames()
                    .get();
            assertThat(topics.get(Topics.actions(portal)).partitions()).hasSize(EmulatorTestResource.PARTITIONS);
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
        refused(Map.of("id", "x", "name", "a\u0000b", "intrexxVersion", "10.4.0"), 400, "invalid-request");
        refused(Map.of("id", "x", "name", "a\r\nb", "intrexxVersion", "10.4.0"), 400, "invalid-request");
        refused(Map.of("id", "x", "name", "P", "intrexxVersion", "10.4.0-\u0000"), 400, "invalid-request");
        refused(
                Map.of("id", "x", "name", "P", "intrexxVersion", "10.4.0", "contact", "a\u0000"),
                400,
                "invalid-request");
        refused(
                Map.of(
                        "id",
                        "x",
                        "name",
                        "P",
                        "intrexxVersion",
                        "10.4.0",
                        "origins",
                        List.of("https://a\u0000.example")),
                422,
                "origin-invalid");
        asAdmin().body(Map.of("name", "a\u0000")).patch(path("")).then().statusCode(400);
        asAdmin().urlEncodingEnabled(false).get("/api/portals?after=%00").then().statusCode(400);
        asAdmin()
                .urlEncodingEnabled(false)
                .get(path("/registrations?after=%00"))
                .then()
                .statusCode(400);
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
    void theOldestVersionThatWeKnowIsGoodEnough() {
        refused(Map.of("id", portal.value(), "name", "P", "intrexxVersion", "10.3.9"), 422, "portal-too-old");
        asAdmin()
                .body(Map.of("id", portal.value(), "name", "P", "intrexxVersion", "10.4.0"))
                .post("/api/portals")
                .then()
                .statusCode(201)
                .body("intrexxVersion", equalTo("10.4.0"))
                .body("entitlement", nullValue());
        asAdmin()
                .body(Map.of("origins", List.of("https://a.example", "javascript:alert(1)")))
                .patch(path(""))
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "origin-invalid");
        asAdmin()
                .body(Map.of("origins", List.of("https://a.example", "https://b.example:8443")))
                .patch(path(""))
                .then()
                .statusCode(200)
                .body("origins", equalTo(List.of("https://a.example", "https://b.example:8443")));
    }

    @Test
    void anEntitlementWithATypingErrorIsRefusedAndNeverUnlimited() {
        refusedEntitlement(Map.of("untill", "2030-01-01T00:00:00Z"), 400, "entitlement.untill");
        refusedEntitlement(Map.of("until", "next year"), 400, "entitlement.until");
        refusedEntitlement(Map.of("until", 1900000000), 400, "entitlement.until");
        refusedEntitlement(Map.of("users", "fifty"), 400, "entitlement.users");
        refusedEntitlement(Map.of("users", -1), 400, "entitlement");
        refusedEntitlement(Map.of("features", "mail-send"), 400, "entitlement.features");
        refusedEntitlement(Map.of("features", List.of("telepathy")), 422, "entitlement.features");
        refusedEntitlement(Map.of("from", "2030-01-01T00:00:00Z", "until", "2029-01-01T00:00:00Z"), 400, "entitlement");
        refusedEntitlement("unlimited", 400, "entitlement");
        onboard();
        asAdmin()
                .body(Map.of("entitlement", Map.of("colour", "red")))
                .patch(path(""))
                .then()
                .statusCode(400)
                .body("field", equalTo("entitlement.colour"));
        asAdmin().get(path("")).then().body("entitlement", nullValue());
    }

    @Test
    void anEntitlementEndsByTheClockWithoutAnEventAndIsRenewed() {
        onboard();
        register();
        String inMemory = token("service").statusCode(200).extract().path("accessToken");
        String link = loginUrl(ada, Seed.ADA);
        Instant end = clock().instant().plusSeconds(4);

        entitled(Map.of("until", end.toString())).body("entitlement.until", notNullValue());
        await().atMost(PATIENCE)
                .until(() -> types(Topics.PORTALS, portal.value()).size() == 2);
        int early = token("service").extract().statusCode();
        if (clock().instant().isBefore(end)) {
            // A machine that has other things to do may come later.
            assertThat(early).isEqualTo(200);
        }

        await().atMost(PATIENCE).until(() -> token("service").extract().statusCode() == 403);
        assertThat(clock().instant()).isAfterOrEqualTo(end);
        assertThat(types(Topics.PORTALS, portal.value())).hasSize(2);
        token("service").header("X-M365-Problem", "not-entitled");
        asPortal()
                .body(Map.of("portaluser", ada.value(), "upn", Seed.ADA))
                .post(registrationPath("/logins"))
                .then()
                .statusCode(403)
                .header("X-M365-Problem", "not-entitled");
        FormBrowser.Page refused = FormBrowser.create().open(link);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("data-m365-reason=\"not-entitled\"");

        // Renewed: the token is still there, the link still good, nobody has to sign in or up again
        long mark = entra.mark();
        Map<String, Object> unlimited = new HashMap<>();
        unlimited.put("entitlement", null);
        asAdmin().body(unlimited).patch(path("")).then().statusCode(200).body("entitlement", nullValue());
        await().atMost(PATIENCE).until(() -> token("service").extract().statusCode() == 200);
        assertThat(token("service").extract().<String>path("accessToken")).isEqualTo(inMemory);
        assertThat(entra.tokenCallsSince(mark)).isZero();
        assertThat(signIn(link, Seed.ADA).body()).contains("data-m365-result=\"done\"");
    }

    @Test
    void anEntitlementThatHasNotBegunIsRefusedAsWell() {
        onboard();
        register();

        entitled(Map.of("from", clock().instant().plusSeconds(86_400).toString()));

        await().atMost(PATIENCE).until(() -> token("service").extract().statusCode() == 403);
        token("service").header("X-M365-Problem", "not-entitled");
    }

    @Test
    void whoComesAfterTheLastSeatIsRefusedAndTheOthersStay() {
        onboard();
        register();
        entitled(Map.of("users", 1));
        loginUrl(ada, Seed.ADA);

        asPortal()
                .body(Map.of("portaluser", ben.value(), "upn", Seed.BEN))
                .post(registrationPath("/logins"))
                .then()
                .statusCode(403)
                .header("X-M365-Problem", "not-entitled")
                .body("users", equalTo(1));
        loginUrl(ada, Seed.ADA);
    }

    @Test
    void whoComeForTheLastSeatAtOnceDoNotBothGetIt() throws Exception {
        onboard();
        register();
        entitled(Map.of("users", 3));

        List<Integer> answers = atOnce(8, () -> asPortal()
                .body(Map.of("portaluser", newUser().value(), "upn", Seed.BEN))
                .post(registrationPath("/logins"))
                .statusCode());

        assertThat(answers).containsOnly(201, 403);
        assertThat(answers.stream().filter(status -> status == 201)).hasSize(3);
    }

    @Test
    void whatIsMadeTwiceAtOnceIsMadeOnceAndTheOtherIsToldSo() throws Exception {
        Map<String, Object> wanted =
                Map.of("id", portal.value(), "name", "P", "intrexxVersion", "10.4.0", "origins", List.of());
        List<Integer> portals =
                atOnce(4, () -> asAdmin().body(wanted).post("/api/portals").statusCode());
        List<Integer> registrations = atOnce(4, () -> asAdmin()
                .body(registration(List.of("mail-send")))
                .post(path("/registrations"))
                .statusCode());

        assertThat(portals).containsExactlyInAnyOrder(201, 409, 409, 409);
        assertThat(registrations).containsExactlyInAnyOrder(201, 409, 409, 409);
    }

    @Test
    void whatIsAddedToAPortalWhileItIsRemovedLeavesNothingBehindOnTheTopics() throws Exception {
        for (int round = 0; round < 5; round++) {
            freshNames();
            onboard();
            register();
            var number = new AtomicInteger();
            // One removes it, the others add
            List<Integer> answers = atOnce(5, () -> {
                int mine = number.getAndIncrement();
                return switch (mine) {
                    case 0 -> asAdmin().delete(path("?now=true")).statusCode();
                    case 1, 2 ->
                        asAdmin()
                                .body(Map.of("name", "bot" + mine, "upn", Seed.PORTAL))
                                .post(registrationPath("/accounts"))
                                .statusCode();
                    default -> {
                        Map<String, Object> more = registration(List.of("mail-send"));
                        more.put("name", "More" + mine);
                        yield asAdmin().body(more).post(path("/registrations")).statusCode();
                    }
                };
            });

            assertThat(answers).contains(204).isSubsetOf(201, 204, 404);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(alive(Topics.REGISTRATIONS)).isEmpty();
                assertThat(alive(Topics.ACCOUNTS)).isEmpty();
            });
        }
    }

    /** Keys of the portal whose last word on the topic is not that they are gone. */
    private Set<String> alive(String topic) {
        Set<String> alive = new HashSet<>();
        for (ConsumerRecord<String, byte[]> record : records(topic)) {
            if (record.key().startsWith(portal + "/")) {
                if (record.value() == null) {
                    alive.remove(record.key());
                } else {
                    alive.add(record.key());
                }
            }
        }
        return alive;
    }

    private static <T> List<T> atOnce(int callers, Callable<T> call) throws Exception {
        var start = new CyclicBarrier(callers);
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            Callable<T> together = () -> {
                start.await();
                return call.call();
            };
            List<T> answers = new ArrayList<>();
            for (Future<T> answer : threads.invokeAll(Collections.nCopies(callers, together))) {
                answers.add(answer.get());
            }
            return answers;
        } finally {
            threads.shutdownNow();
        }
    }

    private ValidatableResponse entitled(Map<String, Object> entitlement) {
        return asAdmin()
                .body(Map.of("entitlement", entitlement))
                .patch(path(""))
                .then()
                .statusCode(200);
    }

    private void refusedEntitlement(Object entitlement, int status, String field) {
        asAdmin()
                .body(Map.of("id", portal.value(), "name", "P", "intrexxVersion", "10.4.0", "entitlement", entitlement))
                .post("/api/portals")
                .then()
                .statusCode(status)
                .body("field", equalTo(field));
        asAdmin().get(path("")).then().statusCode(404);
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
        assertThat(listed()).contains(portal.value());
    }

    /** Ids on all pages: other tests leave portals behind. */
    private List<String> listed() {
        List<String> ids = new ArrayList<>();
        for (String after = ""; after != null; ) {
            var page = asAdmin()
                    .queryParam("after", after)
                    .get("/api/portals")
                    .then()
                    .statusCode(200)
                    .extract();
            ids.addAll(page.<List<String>>path("items.id"));
            after = page.path("next");
        }
        return ids;
    }

    @Test
    void aPortalThatIsRemovedTakesEverythingWithIt() {
        onboard();
        register();
        String account = portal + "/" + REGISTRATION + "/service";
        await().atMost(PATIENCE).until(() -> types(Topics.ACCOUNTS, account), List.of(AccountRecord.TYPE)::equals);

        asAdmin().delete(path("?now=true")).then().statusCode(204);

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
