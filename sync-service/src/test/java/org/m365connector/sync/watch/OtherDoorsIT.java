package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** Subscriptions that report elsewhere: to where our door was before, or to another installation's. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.subscription.missing-every", value = "2S"),
            @ResourceArg(name = "m365.sync.polling.teams-interval", value = "2S"),
            @ResourceArg(name = "m365.sync.round.mail-interval", value = "1H"),
            @ResourceArg(name = "m365.sync.round.teams-interval", value = "1H")
        })
class OtherDoorsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String OF_PORTAL =
            " where container_id in (select id from container where portal = ?) returning container_id";
    private static final String MAIL = "{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}";
    private static final String CHANNEL = "{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'"
            + Seed.GENERAL_ID + "'},'portaluser':'ADA'}";

    @Inject
    DataSource database;

    private final Microsoft microsoft = new Microsoft();
    private final String door =
            ConfigProvider.getConfig().getValue("m365.public.notification-url", String.class) + "/notifications";
    /** The same machine by another name. */
    private final String elsewhere = door.replace("localhost", "127.0.0.1");

    private WatchesOfTests watches;

    @BeforeEach
    void onboard() {
        microsoft.calm();
        watches = new WatchesOfTests();
    }

    @AfterEach
    void leave() {
        microsoft.calm();
        watches.close();
        microsoft
                .subscriptions()
                .findValuesAsText("id")
                .forEach(others -> microsoft.graph("DELETE", "/subscriptions/" + others, ""));
    }

    private void set(String what) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement("update subscription set " + what + OF_PORTAL)) {
            statement.setString(1, watches.portal.id.value());
            assertThat(statement.executeQuery().next()).isTrue();
        }
    }

    /** When Graph lets it die. */
    private Instant end(String id) {
        for (JsonNode one : microsoft.subscriptions()) {
            if (one.path("id").asText().equals(id)) {
                return Instant.parse(one.path("expirationDateTime").asText());
            }
        }
        throw new AssertionError("it has died");
    }

    private void newMail() {
        microsoft.activity("{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA + "'}");
    }

    private boolean isPolled(String watch, String reason) {
        return "polling".equals(watches.get(watch).getString("updates.mode"))
                && reason.equals(watches.get(watch).getString("updates.reason"));
    }

    private void isTold(String watch) {
        await().atMost(PATIENCE)
                .until(() -> "notifications".equals(watches.get(watch).getString("updates.mode"))
                        && watches.get(watch).getString("subscription.id") != null);
    }

    @Test
    void subscriptionsAreBroughtToTheDoorThatHasMovedAsSoonAsGraphReachesIt() throws SQLException {
        String watch = watches.watch(MAIL);
        String before = watches.get(watch).getString("subscription.id");
        // As if it had been made when the door was elsewhere
        microsoft.graph("PATCH", "/subscriptions/" + before, "{\"notificationUrl\":\"" + elsewhere + "\"}");
        set("notification_url = '" + elsewhere + "'");

        // Until Graph reaches the new address nothing is lost of the old one
        microsoft.switches("{'validation':{'reachable':false}}");
        await().atMost(PATIENCE).until(() -> isPolled(watch, "not-subscribed"));
        await().atMost(PATIENCE).until(() -> microsoft.notificationsMissing(watches.portal.id.value()));
        assertThat(watches.get(watch).getString("subscription.id")).isEqualTo(before);
        assertThat(microsoft.subscriptions().findValuesAsText("id")).contains(before);
        Instant ends = end(before);
        await("it is renewed where it is").atMost(PATIENCE).until(() -> end(before)
                .isAfter(ends));
        microsoft.switches("{'validation':{'reachable':true}}");

        isTold(watch);
        await().atMost(PATIENCE)
                .until(() -> watches.get(watch).getString("subscription.id"), id -> id != null && !id.equals(before));
        assertThat(microsoft.subscriptions()).hasSize(1);
        JsonNode now = microsoft.subscriptions().get(0);
        assertThat(now.path("notificationUrl").asText()).isEqualTo(door);
        assertThat(now.path("lifecycleNotificationUrl").asText()).isEqualTo(door.replace("notifications", "lifecycle"));
        newMail();
        watches.awaitChanges("mail-created.v1", 1);
        await().atMost(PATIENCE).until(() -> !microsoft.notificationsMissing(watches.portal.id.value()));
    }

    @Test
    void whereSubscriptionsOfBeforeReportIsAskedOfGraph() throws SQLException {
        String watch = watches.watch(MAIL);
        String before = watches.get(watch).getString("subscription.id");
        set("notification_url = null");

        await().atMost(PATIENCE).until(() -> {
            try (Connection connection = database.getConnection();
                    var statement = connection.prepareStatement("select 1 from subscription s join container c"
                            + " on c.id = s.container_id where c.portal = ? and s.notification_url = ?")) {
                statement.setString(1, watches.portal.id.value());
                statement.setString(2, door);
                return statement.executeQuery().next();
            }
        });

        assertThat(watches.get(watch).getString("subscription.id")).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"mail-created.v1", "channel-message-created.v1"})
    void watchWhoseSubscriptionAnotherInstallationHasIsPolledAndToldOfUntilThatOneIsGone(String change)
            throws SQLException {
        boolean mail = change.startsWith("mail");
        String user = mail ? "CLARA" : "ADA";
        String others = microsoft.subscribe(
                user,
                mail
                        ? "users/" + Seed.CLARA + "/mailFolders('inbox')/messages"
                        : "teams/" + Seed.TEAM_ID + "/channels/" + Seed.GENERAL_ID + "/messages",
                Map.of("changeType", "created,updated,deleted", "notificationUrl", elsewhere));
        String watch = watches.watch(mail ? MAIL : CHANNEL);

        await().atMost(PATIENCE).until(() -> isPolled(watch, "subscription-contested"));
        assertThat(watches.get(watch).getString("updates.every")).isEqualTo(mail ? "PT1S" : "PT2S");
        assertThat(watches.get(watch).getString("subscription.problem")).isEqualTo("subscription-contested");
        await().atMost(PATIENCE).until(() -> microsoft.notificationsMissing(watches.portal.id.value()));
        for (int times = 1; times <= 2; times++) {
            microsoft.activity(
                    mail
                            ? "{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA + "'}"
                            : "{'kind':'channelMessage','op':'create','content':'Milestone'}");
            watches.awaitChanges(change, times);
        }
        assertThat(microsoft.subscriptions().findValuesAsText("id")).containsExactly(others);

        microsoft.deleteSubscription(user, others);
        set("next_attempt_at = next_attempt_at - interval '5 minutes'");

        isTold(watch);
        await().atMost(PATIENCE).until(() -> !microsoft.notificationsMissing(watches.portal.id.value()));
    }
}
