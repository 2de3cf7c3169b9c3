package org.m365connector.auth;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.backends.TopicReader;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.Reading;
import org.m365connector.events.Topics;

/** auth-service on real Kafka, real PostgreSQL and the emulator; a fresh portal for every test. */
@QuarkusTest
@QuarkusTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "auth"))
@QuarkusTestResource(EmulatorTestResource.class)
public abstract class AuthIT {

    protected static final String ADMIN_KEY = "admin-key-for-tests-0123456789";
    protected static final String SERVICE_KEY = "service-key-for-tests-0123456789";
    protected static final String REGISTRATION = "Main";
    protected static final Duration PATIENCE = Duration.ofMinutes(3);

    @ConfigProperty(name = "kafka.bootstrap.servers")
    String bootstrap;

    @ConfigProperty(name = "m365.entra.authority")
    String authority;

    @Inject
    Clock clock;

    protected EntraDoor entra;
    protected PortalId portal;
    protected String portalKey;
    protected PortalUser ada;
    protected PortalUser ben;

    @BeforeEach
    void freshPortal() {
        entra = new EntraDoor(authority);
        entra.reset();
        freshNames();
        ada = newUser();
        ben = newUser();
    }

    protected Clock clock() {
        return clock;
    }

    /** For a test that needs a second portal. */
    protected void freshNames() {
        portal = new PortalId("p" + UUID.randomUUID().toString().substring(0, 8));
    }

    @AfterEach
    void noFaults() {
        entra.noFaults();
    }

    // Verbs

    protected void onboard() {
        portalKey = asAdmin()
                .body(Map.of(
                        "id",
                        portal.value(),
                        "name",
                        "Test portal",
                        "intrexxVersion",
                        "10.4.0",
                        "origins",
                        List.of("https://portal.example"),
                        "language",
                        "de"))
                .post("/api/portals")
                .then()
                .statusCode(201)
                .extract()
                .path("key.value");
    }

    protected void register() {
        register(List.of("mail-read", "mail-send", "teams-read", "teams-send"));
    }

    protected void register(List<String> features) {
        asAdmin()
                .body(registration(features))
                .post(path("/registrations"))
                .then()
                .statusCode(201);
    }

    protected Map<String, Object> registration(List<String> features) {
        Map<String, Object> body = new HashMap<>();
        body.put("name", REGISTRATION);
        body.put("features", features);
        body.put("accountTypes", "business");
        body.put("administrator", ada.value());
        body.put("tenantId", Seed.TENANT_ID);
        body.put("clientId", Seed.CLIENT_ID);
        body.put("credentials", List.of(Map.of("kind", "secret", "secret", Seed.CLIENT_SECRET)));
        return body;
    }

    /** The portal tells of a user on its topic, and we wait until it has arrived. */
    protected void tell(PortalUser user, String upn) {
        publishUser(user, upn);
        await().atMost(PATIENCE)
                .until(() -> asPortal()
                                .body(Map.of("portaluser", user.value()))
                                .post(registrationPath("/logins"))
                                .statusCode()
                        == 201);
    }

    /** The portal tells of a user on its topic. */
    protected void publishUser(PortalUser user, String upn) {
        publish(Topics.users(portal), user.value(), userChanged(user, upn));
    }

    protected Event<PortalUserChanged> userChanged(PortalUser user, String upn) {
        return Event.of(
                UUID.randomUUID().toString(),
                URI.create("/intrexx/" + portal),
                PortalUserChanged.TYPE,
                clock.instant(),
                new PortalUserChanged(user, Map.of("emailBiz", upn), List.of(), List.of()));
    }

    protected String loginUrl(PortalUser user, String upn) {
        return asPortal()
                .body(Map.of("portaluser", user.value(), "display", "popup", "upn", upn))
                .post(registrationPath("/logins"))
                .then()
                .statusCode(201)
                .extract()
                .path("loginUrl");
    }

    /** Signs in through the pages of Entra, like a person with a new browser. */
    protected FormBrowser.Page signIn(String loginUrl, String upn) {
        FormBrowser browser = FormBrowser.create();
        FormBrowser.Page first = browser.open(loginUrl);
        // A link that was sent on shows a page with a button first.
        FormBrowser.Page login = first.body().contains("name=\"go\"") ? browser.submit(first, Map.of()) : first;
        assertThat(login.body()).contains("name=\"login\"");
        return browser.signIn(login, upn, Seed.PASSWORD);
    }

    protected ValidatableResponse token(String account) {
        return token(Map.of("portal", portal.value(), "registration", REGISTRATION, "account", account));
    }

    protected ValidatableResponse token(Map<String, Object> body) {
        return asService().body(body).post("/internal/tokens").then();
    }

    protected String staticLink(String account) {
        return asAdmin()
                .body(Map.of("method", "browser"))
                .post(registrationPath("/accounts/" + account + "/logins"))
                .then()
                .statusCode(201)
                .extract()
                .path("loginUrl");
    }

    protected String state(PortalUser user) {
        return asPortal()
                .get(registrationPath("/logins/" + user))
                .then()
                .statusCode(200)
                .extract()
                .path("state");
    }

    // Callers

    protected static RequestSpecification asAdmin() {
        return with(ADMIN_KEY);
    }

    protected static RequestSpecification asService() {
        return with(SERVICE_KEY);
    }

    protected RequestSpecification asPortal() {
        return given().contentType(ContentType.JSON).header("X-API-Key", portalKey);
    }

    protected static RequestSpecification with(String key) {
        return given().contentType(ContentType.JSON).header("Authorization", "Bearer " + key);
    }

    protected String path(String rest) {
        return "/api/portals/" + portal + rest;
    }

    protected String registrationPath(String rest) {
        return path("/registrations/" + REGISTRATION + rest);
    }

    protected static PortalUser newUser() {
        return new PortalUser((UUID.randomUUID() + "" + UUID.randomUUID())
                .replace("-", "")
                .substring(0, 40)
                .toUpperCase(Locale.ROOT));
    }

    // Kafka

    protected void publish(String topic, String key, Event<?> event) {
        publish(EventCodec.write(topic, key, event));
    }

    protected void publishTombstone(String topic, String key) {
        publish(new ProducerRecord<>(topic, key, null));
    }

    private void publish(ProducerRecord<String, byte[]> record) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap);
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            producer.send(record).get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("cannot publish", e);
        }
    }

    /** Everything that is on a topic now. */
    protected List<ConsumerRecord<String, byte[]>> records(String topic) {
        return TopicReader.of(bootstrap).read(topic);
    }

    /** Events of a topic whose key starts with this, tombstones left out. */
    protected List<Event<com.fasterxml.jackson.databind.JsonNode>> events(String topic, String keyPrefix) {
        List<Event<com.fasterxml.jackson.databind.JsonNode>> events = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records(topic)) {
            if (record.key() != null
                    && record.key().startsWith(keyPrefix)
                    && EventCodec.read(record) instanceof Reading.Understood understood) {
                events.add(understood.event());
            }
        }
        return events;
    }

    /** Types of the events of a topic, in the order in which they came. */
    protected List<String> types(String topic, String keyPrefix) {
        return events(topic, keyPrefix).stream().map(Event::type).toList();
    }

    /** Keys whose last word on the topic is that they are gone. */
    protected boolean isGone(String topic, String key) {
        ConsumerRecord<String, byte[]> last = null;
        for (ConsumerRecord<String, byte[]> record : records(topic)) {
            if (key.equals(record.key())) {
                last = record;
            }
        }
        return last != null && last.value() == null;
    }

    protected static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
