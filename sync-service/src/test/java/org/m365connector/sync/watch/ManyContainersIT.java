package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Metrics;
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

/** What it costs that there are many containers, and that much happens to one of them at once. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class ManyContainersIT {
    private static final int MANY = 5_000;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Inject
    DataSource database;

    private final Microsoft microsoft = new Microsoft();
    private WatchesOfTests watches;

    @BeforeEach
    void onboard() {
        microsoft.calm();
        watches = new WatchesOfTests();
    }

    @AfterEach
    void leave() throws SQLException {
        execute("delete from container where portal = 'many'");
        microsoft.calm();
        watches.close();
    }

    @Test
    void oneOfManyContainersIsServedWithoutALookAtTheOthers() throws SQLException {
        execute("""
                insert into container (portal, path, kind, carrier, since, due_at, scanning, baseline)
                select 'many', 'users/nobody/mailFolders/' || n, 'mail-folder', 'w' || n, now(), now() + interval '1 day', false, false
                from generate_series(1, %d) n
                """.formatted(MANY));
        execute("""
                insert into subscription (container_id, watch_id, graph_id, life_minutes, next_attempt_at)
                select id, carrier, 'graph-' || id, 60, now() + interval '1 day' from container where portal = 'many'
                """);
        execute("analyze container, subscription, watch");
        long before = rowsReadInWholeLooks();

        watches.watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        for (int i = 1; i <= 15; i++) {
            microsoft.activity(
                    "{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA + "','subject':'mail " + i + "'}");
            watches.awaitChanges("mail-created.v1", i);
        }

        // Now and then somebody may look whether one was forgotten.
        assertThat(rowsReadInWholeLooks() - before).isLessThan(3 * MANY);
    }

    @Test
    void watchThatEndsWhileARoundLooksAfterTheWatchesOfItsContainerGetsNotInItsWay() throws SQLException {
        String first = watches.watch("{'kind':'chats','resource':{},'portaluser':'ADA'}");
        String second = watches.watch("{'kind':'chats','resource':{},'portaluser':'ADA'}");
        double before = Metrics.counter("m365.sync.unforeseen").count();
        try (Connection held = database.getConnection()) {
            held.setAutoCommit(false);
            try (var lock = held.prepareStatement("select 1 from watch where id = ? for update")) {
                lock.setString(1, first);
                lock.executeQuery();
            }
            long holder = number(held, "select pg_backend_pid()");
            String round =
                    "pid in (select pid from pg_stat_activity where " + holder + " = any(pg_blocking_pids(pid)))";
            await("a round holds its container and waits for the first watch")
                    .atMost(PATIENCE)
                    .until(() -> count("select count(*) from pg_stat_activity where " + round) > 0);
            watches.end(second);
            await("the end of the second waits for the round")
                    .atMost(PATIENCE)
                    .until(() -> count("select count(*) from pg_stat_activity waiting where query ilike"
                                    + " '%from container%for%update%' and exists (select 1 from pg_stat_activity where "
                                    + round + " and pid = any(pg_blocking_pids(waiting.pid)))")
                            > 0);
            held.rollback();
        }

        await().atMost(PATIENCE).until(() -> watches.isGone(second));
        microsoft.activity(
                "{'kind':'chatMessage','chat':'" + Seed.CHAT_ID + "','user':'" + Seed.BEN + "','content':'hello'}");
        watches.awaitChanges("chat-message-created.v1", 1);
        assertThat(Metrics.counter("m365.sync.unforeseen").count()).isEqualTo(before);
    }

    private long rowsReadInWholeLooks() throws SQLException {
        return count("select seq_tup_read from pg_stat_user_tables where relname = 'container'");
    }

    private long count(String query) throws SQLException {
        try (Connection connection = database.getConnection()) {
            return number(connection, query);
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
