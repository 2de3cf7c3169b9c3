package org.m365connector.assignment;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.Topics;
import org.m365connector.view.TopicView;
import org.m365connector.view.Views;

/** Ends that are heard of long before the view of the same topic shows them: it may be away, or have much to read. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class LateViewIT {
    private static final Duration LATE = Duration.ofSeconds(4);

    private static KafkaSide kafka;

    @Inject
    Views views;

    @Inject
    AgroalDataSource database;

    @BeforeAll
    static void connect() {
        kafka = new KafkaSide(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void disconnect() {
        kafka.close();
    }

    @Test
    void portalThatIsGoneEndsWhenTheViewHasHeardOfIt() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(portal.administrator);
        var other = TestPortal.onboarded(kafka);
        try (var held = held(
                views.portals(),
                shown -> shown.key().equals(other.id.value()) && shown.version() == 2,
                () -> other.entitledTo(2, Optional.empty()))) {
            kafka.sendTombstone(Topics.PORTALS, portal.id.value());
            TimeUnit.MILLISECONDS.sleep(LATE.toMillis());
            held.release();
        }

        portal.awaitTombstone(portal.administrator);
    }

    @Test
    void accountThatIsGoneEndsWhenTheViewHasHeardOfIt() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("library", AccountState.READY, 1);
        portal.staticAccountIs("other", AccountState.READY, 1);
        await().atMost(SOON)
                .untilAsserted(() -> portal.assign("group", "Sales", "library").statusCode(201));
        await().atMost(SOON)
                .untilAsserted(() -> portal.assign("group", "Support", "other").statusCode(201));
        var key = key(portal, "library");
        try (var held = held(
                views.accounts(),
                shown -> shown.key().equals(key(portal, "other")) && shown.version() == 2,
                () -> portal.staticAccountIs("other", AccountState.READY, 2))) {
            kafka.sendTombstone(Topics.ACCOUNTS, key);
            TimeUnit.MILLISECONDS.sleep(LATE.toMillis());
            held.release();
        }

        await().atMost(SOON).untilAsserted(() -> asAdmin()
                .queryParam("principal", "Sales")
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(0)));
        asAdmin()
                .queryParam("principal", "Support")
                .get(portal.assignmentsPath())
                .then()
                .body("items.accounts", equalTo(List.of(List.of("other"))));
    }

    @Test
    void callThatComesAfterTheEndIsRefusedAlsoWhereTheViewIsTheLastToHearOfIt() throws Exception {
        var portal = TestPortal.onboarded(kafka);
        var other = TestPortal.onboarded(kafka);
        try (var held = held(
                views.portals(),
                shown -> shown.key().equals(other.id.value()) && shown.version() == 2,
                () -> other.entitledTo(2, Optional.empty()))) {
            // Another replica has forgotten the portal already.
            endIsNoted(portal);
            kafka.sendTombstone(Topics.PORTALS, portal.id.value(), 2);

            put(portal).statusCode(503).header("Retry-After", notNullValue());
            held.release();
        }

        await().atMost(SOON).untilAsserted(() -> put(portal).statusCode(404));
        portal.awaitUnknown(portal.administrator);
    }

    private static ValidatableResponse put(TestPortal portal) {
        return asAdmin()
                .body("{}")
                .put(portal.path("/users/" + portal.administrator))
                .then();
    }

    private void endIsNoted(TestPortal portal) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate(
                    "insert into portal (portal_id, gone, gone_version) values ('%s', true, 2)".formatted(portal.id));
        }
    }

    private static String key(TestPortal portal, String account) {
        return AccountRecord.key(portal.id, portal.registration, AccountId.ofStatic(new AccountName(account)));
    }

    private interface Change {
        void make() throws Exception;
    }

    /** The view's thread, from when it shows that. */
    private static <V> Held held(TopicView<V> view, Predicate<V> shown, Change change) throws Exception {
        var held = new Held();
        view.onChange((key, old, now) -> {
            if (now.filter(shown).isPresent()) {
                held.here();
            }
        });
        change.make();
        held.awaitIt();
        return held;
    }

    private static final class Held implements AutoCloseable {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        void here() {
            arrived.countDown();
            try {
                var unused = released.await(SOON.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void awaitIt() throws InterruptedException {
            if (!arrived.await(SOON.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the view does not hear of it");
            }
        }

        void release() {
            released.countDown();
        }

        @Override
        public void close() {
            release();
        }
    }
}
