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
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;
import org.m365connector.view.Views;

/** Those for whom watches were made are gone. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class AbandonedWatchesIT {
    /** Before those count as gone who are only missed. */
    private static final Duration SOON = Duration.ofMinutes(1);

    @Inject
    DataSource database;

    @Inject
    Views views;

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
