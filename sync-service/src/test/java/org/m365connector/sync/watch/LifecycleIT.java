package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.StreamSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** Graph says that it has not delivered something: the timer, which would find it in an hour, need not. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.graph.call-timeout", value = "30S"),
            @ResourceArg(name = "m365.sync.round.mail-interval", value = "1H"),
            @ResourceArg(name = "m365.sync.round.follow-ups", value = "0")
        })
class LifecycleIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Inject
    DataSource database;

    private final Microsoft microsoft = new Microsoft();
    private WatchesOfTests watches;
    private String watch;

    @BeforeEach
    void watchInbox() {
        microsoft.calm();
        watches = new WatchesOfTests();
        watch = watches.watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        waitsForTheTimer();
    }

    @AfterEach
    void leave() {
        microsoft.calm();
        watches.close();
    }

    private void waitsForTheTimer() {
        await("nothing is due before the timer")
                .atMost(PATIENCE)
                .until(() -> number("select count(*) from container where portal = ? and lease_owner is null"
                                + " and due_at > now() + interval '50 minutes'")
                        == 1);
    }

    private long number(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(query)) {
            statement.setString(1, watches.portal.id.value());
            try (var rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    private String mail(String op, String more) {
        return microsoft
                .activity("{'kind':'mail','op':'" + op + "','mailbox':'" + Seed.CLARA + "'" + more + "}")
                .at("/items/0/immutableId")
                .asText();
    }

    private void missed() {
        microsoft.notifications("{'lifecycle':{'event':'missed','subscriptionId':'"
                + watches.get(watch).getString("subscription.id") + "'}}");
    }

    /** Graph repeats what is answered 503, which may have been stored nonetheless; each is taken once. */
    private long missedThatWereTaken() {
        String subscription = watches.get(watch).getString("subscription.id");
        return StreamSupport.stream(microsoft.deliveries().spliterator(), false)
                .filter(delivery -> delivery.path("outcome").asText().equals("202"))
                .flatMap(delivery -> StreamSupport.stream(delivery.path("items").spliterator(), false))
                .filter(item -> item.path("lifecycleEvent").asText().equals("missed")
                        && item.path("subscriptionId").asText().equals(subscription))
                .count();
    }

    private long rounds(Instant since) {
        return microsoft.requestsSince(since).stream()
                .filter(request -> request.startsWith("GET ") && request.contains("/messages/delta"))
                .count();
    }

    @Test
    void whatWasMissedIsToldAtOnce() {
        String before = mail("create", ",'subject':'told by a notification'");
        watches.awaitChanges("mail-created.v1", 1);
        waitsForTheTimer();
        microsoft.notifications("{'drop':true}");
        mail("create", ",'subject':'missed'");
        mail("create", ",'subject':'missed, too'");
        mail("update", ",'id':'" + before + "'");
        await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofMinutes(1))
                .until(() -> watches.portal.changes().size() == 1);

        missed();

        watches.awaitChanges("mail-created.v1", 3);
        watches.awaitChanges("mail-updated.v1", 1);
        waitsForTheTimer();
        mail("delete", ",'id':'" + before + "'");
        missed();
        watches.awaitChanges("mail-deleted.v1", 1);
    }

    @Test
    void saidAgainAndAgainWhileARoundReadsItIsOneMore() throws SQLException {
        microsoft.notifications("{'drop':true}");
        mail("create", ",'subject':'missed'");
        String hints = "select hints from container where portal = ?";
        long before = number(hints);
        Instant begin = Instant.now();
        microsoft.fault("{'match':{'method':'GET','path':'messages/delta'},'delayMs':15000,'times':1}");
        long taken = missedThatWereTaken();

        missed();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() ->
                        number("select count(*) from container where portal = ? and lease_owner is not null") == 1);
        long once = number(hints) - before;
        missed();
        missed();
        await("both have come while the first round reads")
                .atMost(Duration.ofSeconds(14))
                .until(() -> missedThatWereTaken() == taken + 3 && number(hints) - before >= 3 * once);

        watches.awaitChanges("mail-created.v1", 1);
        waitsForTheTimer();
        assertThat(rounds(begin)).isEqualTo(2);
    }
}
