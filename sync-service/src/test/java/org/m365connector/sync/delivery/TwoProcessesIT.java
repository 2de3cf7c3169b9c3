package org.m365connector.sync.delivery;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Topics;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;
import org.m365connector.sync.PortalOfTests;
import org.m365connector.sync.SecondProcess;
import org.m365connector.sync.work.Leases;
import org.m365connector.view.Views;

/** Two processes of this service on one database, one of them as it is packaged; that one is killed (-9) in the middle of its work. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class TwoProcessesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** One more than the first process pushes to at the same time. */
    private static final int PORTALS = 4;

    private static final int MAILS = 10;

    @ConfigProperty(name = "m365.sync.delivery.workers")
    int workersOfTheFirst;

    @Inject
    DataSource database;

    @Inject
    Leases leases;

    @Inject
    Views views;

    private final Microsoft microsoft = new Microsoft();
    private final List<PortalOfTests> portals = new ArrayList<>();
    private final List<PortalEndpointOfTests> endpoints = new ArrayList<>();
    private SecondProcess second;

    @BeforeEach
    void start() {
        microsoft.calm();
        second = SecondProcess.start(Map.of(
                "m365.sync.round.lease", "3S",
                "m365.sync.delivery.workers", "8",
                "m365.sync.delivery.call-timeout", "3S",
                "m365.sync.delivery.lease", "6S",
                // Whoever is killed is missed after this time.
                "mp.messaging.connector.smallrye-kafka.session.timeout.ms", "6000"));
    }

    @AfterEach
    void end() {
        second.kill();
        microsoft.calm();
        portals.forEach(portal -> {
            request(portal).delete("/api/portals/" + portal.id + "/delivery");
            List<String> made = request(portal).get(watches(portal)).jsonPath().getList("items.id");
            made.forEach(watch -> request(portal).delete(watches(portal) + "/" + watch));
            // Others watch the same, and Graph has one subscription for it.
            await().atMost(PATIENCE).until(() -> made.stream()
                    .allMatch(watch ->
                            request(portal).get(watches(portal) + "/" + watch).statusCode() == 404));
        });
        portals.forEach(PortalOfTests::close);
        endpoints.forEach(PortalEndpointOfTests::close);
    }

    private static io.restassured.specification.RequestSpecification request(PortalOfTests portal) {
        return given().header("X-API-Key", portal.key).contentType("application/json");
    }

    private static String watches(PortalOfTests portal) {
        return "/api/portals/" + portal.id + "/registrations/Main/watches";
    }

    @Test
    void whatTheKilledOneHadInHandIsTakenOverByTheOtherOnceAndInOrder() throws SQLException {
        // Given portals that are pushed to, more than the first can do alone, and folders that are watched
        assertThat(PORTALS).isGreaterThan(workersOfTheFirst);
        List<List<String>> told = new ArrayList<>();
        for (int i = 0; i < PORTALS; i++) {
            portals.add(onboard());
            told.add(new ArrayList<>());
        }
        PortalOfTests watching = portals.get(0);
        for (String folder : List.of("inbox", "archive", "drafts")) {
            watch(watching, folder);
        }
        // And rounds that take their time
        microsoft.fault("{'match':{'method':'GET','path':'delta'},'delayMs':1500,'times':1000}");
        List<String> mails = new ArrayList<>();

        // When the second one is killed while it holds leases of both, and the work never ends before
        await("the second process is at a round and at a delivery")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    for (int i = 0; i < PORTALS; i++) {
                        told.get(i).add(tell(portals.get(i)));
                    }
                    if (mails.size() < MAILS) {
                        String subject = "told once " + mails.size();
                        microsoft.activity("{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA + "','subject':'"
                                + subject + "'}");
                        mails.add(subject);
                    }
                    return held("container", true) > 0 && held("delivery", true) > 0;
                });
        second.kill();
        microsoft.noFaults();

        // Then the first goes on: every event of a portal arrives, one after the other, and every mail is told once
        for (int i = 0; i < PORTALS; i++) {
            PortalEndpointOfTests endpoint = endpoints.get(i);
            List<String> ids = told.get(i);
            await().atMost(PATIENCE)
                    .until(() -> endpoint.ids("key").stream().distinct().toList(), ids::equals);
        }
        await().atMost(PATIENCE).until(() -> subjects(created(watching)).containsAll(mails));
        await().atMost(PATIENCE).until(() -> held("container", false) == 0);
        assertThat(subjects(created(watching))).containsExactlyInAnyOrderElementsOf(mails);
        assertThat(created(watching).stream().map(Event::id)).doesNotHaveDuplicates();
    }

    private PortalOfTests onboard() {
        PortalOfTests portal = new PortalOfTests();
        PortalEndpointOfTests endpoint = new PortalEndpointOfTests();
        endpoints.add(endpoint);
        portal.livesAt(views, endpoint.origin());
        endpoint.answer(call -> {
            LockSupport.parkNanos(Duration.ofMillis(150).toNanos());
            return 200;
        });
        Map<String, Object> delivery = Map.of("url", endpoint.url(), "apiKey", "key", "topics", List.of("results"));
        Response answer = await().atMost(PATIENCE)
                .until(
                        () -> request(portal).body(delivery).put("/api/portals/" + portal.id + "/delivery"),
                        response -> response.statusCode() != 401);
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(200);
        return portal;
    }

    private static String tell(PortalOfTests portal) {
        String id = UUID.randomUUID().toString();
        portal.send(EventCodec.write(
                Topics.results(portal.id),
                "key",
                Event.of(id, URI.create("/m365/test"), "test-told.v1", Instant.now(), Map.of("told", id))));
        return id;
    }

    private static List<String> subjects(List<Event<JsonNode>> changes) {
        return changes.stream()
                .map(change -> change.data().path("resource").path("subject").asText())
                .toList();
    }

    private static void watch(PortalOfTests portal, String folder) {
        String json = "{'kind':'mail-folder','resource':{'folder':'" + folder + "'},'portaluser':'CLARA'}";
        String id = request(portal)
                .body(json.replace('\'', '"'))
                .post(watches(portal))
                .path("id");
        await().atMost(PATIENCE).until(() -> request(portal)
                .get(watches(portal) + "/" + id)
                .jsonPath()
                .getString("state")
                .equals("active"));
    }

    private static List<Event<JsonNode>> created(PortalOfTests portal) {
        return portal.changes().stream()
                .filter(change -> change.type().equals("mail-created.v1"))
                .toList();
    }

    private long held(String table, boolean bySecond) throws SQLException {
        String own = leases.newOwner();
        String process = own.substring(0, own.indexOf(':'));
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement("select count(*) from " + table
                        + " where lease_owner is not null and lease_expires_at > now()"
                        + (bySecond ? " and lease_owner not like ?" : " and lease_owner like ?"))) {
            statement.setString(1, process + ":%");
            try (var rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }
}
