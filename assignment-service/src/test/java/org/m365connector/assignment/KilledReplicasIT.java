package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

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
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;

/** Two processes of the packaged service on one database, killed in the middle of what they do. */
class KilledReplicasIT {
    private static final int MEMBERS = 1200;

    @Test
    void whateverIsKilledWhenReadersKnowRowByRowWhatStandsInTheTable() throws Exception {
        try (var postgres = PostgresServer.start();
                var broker = KafkaProcess.start()) {
            Topics.COMPACTED.forEach(topic -> broker.createTopic(topic, 3, Map.of("cleanup.policy", "compact")));
            var database = postgres.schema("assignment");
            try (var kafka = new KafkaSide(broker.bootstrapServers());
                    var first = new PackagedReplica(database, broker.bootstrapServers());
                    var second = new PackagedReplica(database, broker.bootstrapServers())) {
                first.awaitReady();
                second.awaitReady();
                killAll(kafka, broker, database, List.of(first, second));
            } finally {
                RestAssured.reset();
            }
        }
    }

    private static void killAll(KafkaSide kafka, KafkaProcess broker, Database database, List<PackagedReplica> replicas)
            throws Exception {
        // Given a change for many that is held up in the middle, and a file that is half read
        replicas.get(0).isAsked();
        var portal = TestPortal.registered(kafka);
        try (var connection = connect(database);
                var holder = connect(database)) {
            execute(connection, """
                    insert into portal_user
                    select '%s', 'M' || lpad(n::text, 5, '0'), '{}', '{Everybody}', '{}', now()
                    from generate_series(1, %s) n""".formatted(portal.id, MEMBERS));
            holder.setAutoCommit(false);
            execute(
                    holder,
                    "select 1 from portal_user where portal_id = '%s' and portal_user = '%s' for update"
                            .formatted(portal.id, member(601)));
            var rule = portal.assign("group", "Everybody", "service")
                    .statusCode(201)
                    .extract()
                    .<String>path("id");
            await().atMost(SOON)
                    .until(() -> text(connection, "select done_until from recalculation"), "M00600"::equals);
            portal.awaitAccounts(member(600), "[service]");
            new SlowUpload(
                    replicas.get(0).url() + portal.assignmentsPath() + "/import",
                    "kind;id;accounts\ngroup;Sales;service\n");
            await().atMost(SOON)
                    .until(() -> text(connection, "select state from assignment_import"), "READING"::equals);

            // When the broker is killed, and both replicas with events that are committed and not relayed
            broker.kill();
            replicas.get(1).isAsked();
            asAdmin()
                    .header("If-Match", "*")
                    .body(Map.of("accounts", List.of("service", "current-user")))
                    .put(portal.assignmentsPath() + "/" + rule)
                    .then()
                    .statusCode(200);
            portal.assign("user", member(7).value(), "current-user").statusCode(201);
            portal.assign("user", "SOMEBODY", "service").statusCode(201);
            assertThat(Long.parseLong(text(connection, "select count(*) from outbox")))
                    .isGreaterThanOrEqualTo(2);
            replicas.forEach(PackagedReplica::kill);
            holder.rollback();

            // And one of them for good when they go on with it
            broker.restart();
            for (var replica : replicas) {
                replica.start();
            }
            replicas.get(0).awaitReady();
            long before = done(connection);
            await().atMost(SOON).until(() -> isFinished(connection) || done(connection) > before);
            replicas.get(0).kill();
            replicas.get(1).awaitReady();
            await().atMost(SOON).until(() -> isFinished(connection));

            // Then nobody was missed, nothing was said twice, and all readers know the same
            await().atMost(SOON).untilAsserted(() -> {
                var table = TableAndTopic.table(connection, portal.id);
                assertThat(TableAndTopic.topic(kafka, portal.id)).isEqualTo(table);
                assertThat(TableAndTopic.view(kafka, portal.id)).isEqualTo(table);
            });
            var table = TableAndTopic.table(connection, portal.id);
            assertThat(table.remove(member(7).value()).accounts()).containsExactly("current-user");
            assertThat(table.remove("SOMEBODY").accounts()).containsExactly("service");
            assertThat(table.keySet().stream().filter(user -> user.startsWith("M")))
                    .hasSize(MEMBERS - 1);
            assertThat(table.entrySet())
                    .filteredOn(row -> row.getKey().startsWith("M"))
                    .allMatch(row -> row.getValue().accounts().equals(List.of("service", "current-user")));
            // And the file is told to have failed, of which nothing was taken in
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .get(portal.assignmentsPath() + "/imports")
                    .then()
                    .body("state", equalTo(List.of("failed"))));
            asAdmin()
                    .queryParam("principal", "Sales")
                    .get(portal.assignmentsPath())
                    .then()
                    .body("items.size()", equalTo(0));
        }
    }

    private static long done(Connection connection) throws SQLException {
        return Long.parseLong(text(connection, "select sum(users_done) from recalculation"));
    }

    private static boolean isFinished(Connection connection) throws SQLException {
        return text(connection, "select count(*) from recalculation where finished_at is null")
                .equals("0");
    }

    private static PortalUser member(int number) {
        return new PortalUser("M%05d".formatted(number));
    }

    private static Connection connect(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : "";
        }
    }
}
