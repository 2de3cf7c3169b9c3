package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.m365connector.assignment.TestPortal.SOON;

import io.restassured.RestAssured;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.Database;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.PostgresServer;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;

/** Two processes of the packaged service, killed while an account leaves many assignments. */
class KilledEndingIT {
    private static final int MANY = 3000;

    @Test
    void whateverIsKilledAnAccountThatEndedLeavesEachAssignmentOnce() throws Exception {
        try (var postgres = PostgresServer.start();
                var broker = KafkaProcess.start()) {
            Topics.COMPACTED.forEach(topic -> broker.createTopic(topic, 3, Map.of("cleanup.policy", "compact")));
            var database = postgres.schema("assignment");
            try (var kafka = new KafkaSide(broker.bootstrapServers());
                    var first = new PackagedReplica(database, broker.bootstrapServers());
                    var second = new PackagedReplica(database, broker.bootstrapServers())) {
                first.awaitReady();
                second.awaitReady();
                killInTheMiddle(kafka, database, first, second);
            } finally {
                RestAssured.reset();
            }
        }
    }

    private static void killInTheMiddle(
            KafkaSide kafka, Database database, PackagedReplica first, PackagedReplica second) throws Exception {
        // Given an account that many have, and somebody who holds on to the assignment of the last but one
        first.isAsked();
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("team-bot", AccountState.READY, 1);
        await().atMost(SOON).untilAsserted(() -> assertThat(SlowUpload.answered(
                                first.url() + portal.assignmentsPath() + "/import", Members.file(MANY, "team-bot"))
                        .statusCode())
                .isEqualTo(200));
        var end = KafkaSide.event(AccountRecord.TYPE, portal.staticAccount("team-bot", AccountState.GONE, 2));
        try (var connection = connect(database);
                var holder = connect(database)) {
            await().atMost(SOON.multipliedBy(2)).until(() -> isWorkedOut(connection));
            holder.setAutoCommit(false);
            try (var statement = holder.createStatement()) {
                statement.execute("select 1 from assignment where principal_id = '%s' for update"
                        .formatted(Members.of(MANY - 1)));
            }

            // When it ends, and one process is killed as soon as the end has come to some, the other when it has gone
            // on
            portal.sendStaticAccount("team-bot", end);
            await().atMost(SOON).until(() -> left(connection) < MANY);
            first.kill();
            await().atMost(SOON).until(() -> left(connection) <= 500);
            second.kill();
            assertThat(left(connection)).isPositive();
            holder.rollback();

            // And the event comes again to those who are started
            portal.sendStaticAccount("team-bot", end);
            second.start();
            second.isAsked();
            second.awaitReady();
            await().atMost(SOON).until(() -> left(connection) == 0);
            await().atMost(SOON.multipliedBy(2))
                    .until(() ->
                            text(connection, "select count(*) from ending").equals("0") && isWorkedOut(connection));
            await().atMost(SOON).until(() -> kafka.isReadToTheEnd("assignment-service-accounts", Topics.ACCOUNTS));

            // Then it has left each of them once, and all readers know the same
            assertThat(text(connection, """
                            select string_agg(what || ' ' || n, ', ' order by what) from (
                            select what, count(*) n from assignment_history
                            where reason = 'the static account is gone' group by what) told""")).isEqualTo("CHANGED %d, REMOVED %d".formatted(MANY / 2, MANY / 2));
            assertThat(text(connection, """
                            select count(distinct assignment_id) from assignment_history
                            where reason = 'the static account is gone'""")).isEqualTo("" + MANY);
            await().atMost(SOON).untilAsserted(() -> {
                var table = TableAndTopic.table(connection, portal.id);
                assertThat(TableAndTopic.topic(kafka, portal.id)).isEqualTo(table);
                assertThat(TableAndTopic.view(kafka, portal.id)).isEqualTo(table);
            });
            var table = TableAndTopic.table(connection, portal.id);
            assertThat(table.keySet().stream().filter(user -> user.startsWith("M")))
                    .hasSize(MANY / 2);
            assertThat(table.entrySet())
                    .filteredOn(row -> row.getKey().startsWith("M"))
                    .allMatch(row -> row.getValue().accounts().equals(List.of("service")));
            portal.assign("user", new PortalUser("NEWCOMER").value(), "service").statusCode(201);
        }
    }

    private static long left(Connection connection) throws SQLException {
        return Long.parseLong(text(connection, "select count(*) from assignment where 'team-bot' = any (accounts)"));
    }

    private static boolean isWorkedOut(Connection connection) throws SQLException {
        return text(connection, "select count(*) from recalculation where finished_at is null")
                .equals("0");
    }

    private static Connection connect(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        }
    }
}
