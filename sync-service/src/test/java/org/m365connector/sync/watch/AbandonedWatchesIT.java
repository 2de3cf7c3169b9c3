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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.PortalUser;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;
import org.m365connector.sync.PortalOfTests;
import org.m365connector.view.Views;

/** Those for whom watches were made are gone. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class AbandonedWatchesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Before those count as gone who are only missed. */
    private static final Duration SOON = Duration.ofMinutes(1);

    @Inject
    DataSource database;

    @Inject
    Views views;

    @Inject
    Watches table;

    @Inject
    AbandonedWatches abandoned;

    private final Microsoft microsoft = new Microsoft();
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
    }

    private static String folder(String name) {
        return "{'kind':'mail-folder','resource':{'folder':'" + name + "'},'portaluser':'CLARA'}";
    }

    private String watchTeam() {
        return watches.watch("{'kind':'team','resource':{'teamId':'" + Seed.TEAM_ID + "'},'portaluser':'ADA'}");
    }

    @Test
    void watchesOfAPortalThatIsRemovedAndOnboardedAgainAtOnceEnd() {
        String inbox = watches.watch(folder("inbox"));
        String team = watchTeam();

        watches.portal.ended(System.nanoTime());
        watches.portal.livesAt(views);

        await().atMost(SOON).until(() -> watches.isGone(inbox) && watches.isGone(team));
        await("its parts go with it")
                .atMost(SOON)
                .until(() -> number("select count(*) from watch where portal = ?") == 0);
    }

    @Test
    void endThatIsHeardOfLateLeavesTheWatchesOfTheNewLifeAlone() {
        String before = watches.watch(folder("inbox"));
        long end = System.nanoTime();
        watches.portal.livesAt(views);
        String since = watches.watch(folder("archive"));

        watches.portal.ended(end);

        await().atMost(SOON).until(() -> watches.isGone(before));
        assertThat(watches.get(since).getString("state")).isEqualTo("active");
    }

    @Test
    void watchesOfARegistrationThatIsRemovedAndMadeAgainAtOnceEnd() {
        watches.portal.registrationIsMade(views);
        String inbox = watches.watch(folder("inbox"));
        String team = watchTeam();

        watches.portal.registrationEnded(System.nanoTime());
        watches.portal.registrationIsMade(views);

        await().atMost(SOON).until(() -> watches.isGone(inbox) && watches.isGone(team));
        await("its parts go with it")
                .atMost(SOON)
                .until(() -> number("select count(*) from watch where portal = ?") == 0);
    }

    @Test
    void endOfARegistrationThatIsHeardOfLateLeavesTheWatchesOfTheNextOneAlone() {
        watches.portal.registrationIsMade(views);
        String before = watches.watch(folder("inbox"));
        long end = System.nanoTime();
        watches.portal.registrationIsMade(views);
        String since = watches.watch(folder("archive"));

        watches.portal.registrationEnded(end);

        await().atMost(SOON).until(() -> watches.isGone(before));
        assertThat(watches.get(since).getString("state")).isEqualTo("active");
    }

    @Test
    void whatIsMadeBehindAnEndThatItsReplicaHasNotHeardOfStays() {
        watches.portal.registrationIsMade(views);
        String before = watches.watch(folder("inbox"));
        Instant end = Instant.now();
        String since = watches.watch(folder("archive"));

        watches.portal.registrationEnded(System.nanoTime(), end);
        watches.portal.registrationIsMade(views);

        await().atMost(SOON).until(() -> watches.isGone(before));
        assertThat(watches.get(since).getString("state")).isEqualTo("active");
    }

    @Test
    void watchOfUnknownLifeIsOfTheRegistrationAsItIs() throws Exception {
        watches.portal.registrationIsMade(views);
        String watch = watches.watch(folder("inbox"));
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("update watch set registration_version = null where id = '" + watch + "'");
        }

        abandoned.noteLives();
        watches.portal.registrationEnded(System.nanoTime());

        await().atMost(SOON).until(() -> watches.isGone(watch));
    }

    @Test
    void whoeverEndsAWholeWithItsPartsHoldsNoPartWhileHeWaitsForTheWhole() throws Exception {
        String team = watchTeam();
        assertThat(number("select count(*) from watch where parent is not null and portal = ?"))
                .isGreaterThan(1);
        AbandonedWatches.Owner owner =
                new AbandonedWatches.Owner(watches.portal.id, PortalOfTests.MAIN, Optional.of(new PortalUser("ADA")));
        CompletableFuture<Integer> ended;
        try (Connection held = database.getConnection();
                var statement = held.createStatement()) {
            held.setAutoCommit(false);
            String whole = "update watch set problem = problem where id = '" + team + "'";
            // Where it lies in the table, behind its parts now, says nothing about its turn.
            statement.execute(whole);
            held.commit();
            statement.execute(whole);

            ended = CompletableFuture.supplyAsync(() -> table.endOf(owner));

            await("it waits")
                    .atMost(PATIENCE)
                    .until(() ->
                            number("select count(*) from pg_stat_activity where cardinality(pg_blocking_pids(pid)) > 0"
                                            + " and query like '%update watch%' and ? <> ''")
                                    > 0);
            assertThat(number("select count(*) from watch where parent is not null and portal = ?"))
                    .as("all parts are free")
                    .isEqualTo(number("select count(*) from (select 1 from watch where parent is not null"
                            + " and portal = ? for no key update skip locked) free"));
            held.rollback();
        }
        assertThat(ended.get(1, TimeUnit.MINUTES)).isGreaterThan(2);
        await().atMost(PATIENCE).until(() -> watches.isGone(team));
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
}
