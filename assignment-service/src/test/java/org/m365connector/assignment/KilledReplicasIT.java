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
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.Topics;

/** Two processes of the packaged service on one database, killed in the middle of what they do. */
class KilledReplicasIT {
    private static final int MEMBERS = 1200;
    private static final PortalUser GONE = new PortalUser("GONE");
    private static final PortalUser BACK = new PortalUser("BACK");

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
                var portal = killAll(kafka, broker, database, List.of(first, second));
                killWhileAFileIsBeingWritten(kafka, portal, database, first, second);
                replay(kafka, portal, database, first);
            } finally {
                RestAssured.reset();
            }
        }
    }

    private static TestPortal killAll(
            KafkaSide kafka, KafkaProcess broker, Database database, List<PackagedReplica> replicas) throws Exception {
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
            awaitAllKnowTheSame(kafka, portal, connection);
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
            return portal;
        }
    }

    /** @param alive the only one that runs; afterwards it is the other */
    private static void killWhileAFileIsBeingWritten(
            KafkaSide kafka, TestPortal portal, Database database, PackagedReplica other, PackagedReplica alive)
            throws Exception {
        try (var connection = connect(database);
                var holder = connect(database)) {
            // Given a file that is decided and cannot be written to its end
            holder.setAutoCommit(false);
            execute(
                    holder,
                    "select 1 from assignment where portal_id = '%s' and principal_id = 'SOMEBODY' for update"
                            .formatted(portal.id));
            var upload = new SlowUpload(
                    alive.url() + portal.assignmentsPath() + "/import?reason=killed",
                    "kind;id;accounts\nuser;SOMEBODY;current-user\nuser;" + member(8)
                            + ";current-user\ngroup;Sales;service\n");
            upload.end();
            await().atMost(SOON)
                    .until(
                            () -> text(
                                    connection,
                                    "select count(*) from assignment_import where taken_at is not null and state = 'WRITING'"),
                            "1"::equals);

            // When its process is killed
            alive.kill();
            upload.hangUp();
            holder.rollback();
            other.start();
            other.isAsked();
            other.awaitReady();

            // Then the other goes on with it, and all of it is there once
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .get(portal.assignmentsPath() + "/imports")
                    .then()
                    .body("state", equalTo(List.of("done", "failed"))));
            portal.awaitAccounts(new PortalUser("SOMEBODY"), "[current-user]");
            portal.awaitAccounts(member(8), "[current-user]");
            assertThat(text(connection, """
                            select string_agg(what || ' ' || principal_id, ', ' order by what, id) from assignment_history
                            where reason like 'import %: killed'"""))
                    .isIn(
                            "CHANGED SOMEBODY, MADE " + member(8) + ", MADE Sales",
                            "CHANGED SOMEBODY, MADE Sales, MADE " + member(8));
            assertThat(text(connection, "select count(*) from import_row")).isEqualTo("0");
            awaitAllKnowTheSame(kafka, portal, connection);
        }
    }

    /** Whatever the service has read it reads once more, first knowing that it has, then as if for the first time. */
    private static void replay(KafkaSide kafka, TestPortal portal, Database database, PackagedReplica replica)
            throws Exception {
        try (var connection = connect(database)) {
            portal.tellUser(GONE);
            portal.awaitAccounts(GONE, "[current-user]");
            kafka.sendTombstone(portal.usersTopic(), GONE.value());
            portal.awaitTombstone(GONE);
            // One who has been removed in between, and has been given something since
            portal.tellUser(BACK);
            portal.awaitAccounts(BACK, "[current-user]");
            kafka.sendTombstone(portal.usersTopic(), BACK.value());
            portal.awaitTombstone(BACK);
            portal.tellUser(BACK);
            portal.awaitAccounts(BACK, "[current-user]");
            portal.assign("user", BACK.value(), "service").statusCode(201);
            portal.awaitAccounts(BACK, "[service]");
            portal.tellUser(member(9), portal.userEvent(member(9), List.of(), List.of()));
            portal.awaitAccounts(member(9), "[current-user]");
            endAccounts(portal, connection, replica);
            var others = endRegistrations(kafka);
            awaitAllRead(kafka, portal);
            awaitAllKnowTheSame(kafka, portal, connection);
            var table = TableAndTopic.table(connection, portal.id);
            assertThat(table.get("READER").accounts()).containsExactly("library");
            var heard = text(connection, "select count(*) from inbox");

            for (var forgotten : List.of("", "delete from inbox")) {
                replica.stop();
                kafka.forgetGroups(
                        "assignment-service",
                        "assignment-service-registrations",
                        "assignment-service-accounts",
                        "assignment-service-portals");
                if (!forgotten.isEmpty()) {
                    execute(connection, forgotten);
                }
                replica.start();
                replica.awaitReady();
                awaitAllRead(kafka, portal);
                await().atMost(SOON).until(() -> text(connection, "select count(*) from inbox"), heard::equals);

                awaitAllKnowTheSame(kafka, portal, connection);
                assertThat(TableAndTopic.table(connection, portal.id)).isEqualTo(table);
                assertThat(text(connection, "select count(*) from ending")).isEqualTo("0");
                for (var other : others) {
                    awaitAllKnowTheSame(kafka, other, connection);
                }
                assertThat(TableAndTopic.table(connection, others.get(0).id)).isEmpty();
                assertThat(TableAndTopic.table(connection, others.get(1).id))
                        .containsKey(others.get(1).administrator.value());
            }
        }
    }

    /** One that too many have for it to end at once, and one that is made again. */
    private static void endAccounts(TestPortal portal, Connection connection, PackagedReplica replica)
            throws Exception {
        portal.staticAccountIs("team-bot", AccountState.READY, 1);
        portal.staticAccountIs("library", AccountState.READY, 1);
        await().atMost(SOON).untilAsserted(() -> assertThat(SlowUpload.answered(
                                replica.url() + portal.assignmentsPath() + "/import", Members.file(200, "team-bot"))
                        .statusCode())
                .isEqualTo(200));
        await().atMost(SOON)
                .untilAsserted(() -> portal.assign("user", "READER", "library").statusCode(201));
        portal.staticAccountIs("team-bot", AccountState.GONE, 2);
        portal.staticAccountIs("library", AccountState.GONE, 2);
        portal.awaitTombstone(new PortalUser("READER"));
        portal.staticAccountIs("library", AccountState.READY, 3);
        await().atMost(SOON)
                .untilAsserted(() -> portal.assign("user", "READER", "library").statusCode(201));
        await().atMost(SOON)
                .until(
                        () -> text(connection, "select count(*) from assignment where 'team-bot' = any (accounts)"),
                        "0"::equals);
        await().atMost(SOON).until(() -> text(connection, "select count(*) from ending"), "0"::equals);
        await().atMost(SOON).until(() -> isFinished(connection));
    }

    /** Two portals: the first one's registration has ended, the second one's has been made again. */
    private static List<TestPortal> endRegistrations(KafkaSide kafka) throws Exception {
        var ended = TestPortal.registered(kafka);
        var again = TestPortal.registered(kafka);
        for (var portal : List.of(ended, again)) {
            kafka.sendTombstone(Topics.REGISTRATIONS, RegistrationRecord.key(portal.id, portal.registration), 2);
            portal.awaitTombstone(portal.administrator);
        }
        again.registrationIs(RegistrationState.COMPLETE, 3);
        again.awaitAccounts(again.administrator, "[current-user], service");
        return List.of(ended, again);
    }

    private static void awaitAllRead(KafkaSide kafka, TestPortal portal) {
        await().atMost(SOON)
                .until(() -> kafka.isReadToTheEnd("assignment-service", portal.usersTopic())
                        && kafka.isReadToTheEnd("assignment-service-registrations", Topics.REGISTRATIONS)
                        && kafka.isReadToTheEnd("assignment-service-accounts", Topics.ACCOUNTS));
    }

    private static void awaitAllKnowTheSame(KafkaSide kafka, TestPortal portal, Connection connection) {
        await().atMost(SOON).untilAsserted(() -> {
            var table = TableAndTopic.table(connection, portal.id);
            assertThat(TableAndTopic.topic(kafka, portal.id)).isEqualTo(table);
            assertThat(TableAndTopic.view(kafka, portal.id)).isEqualTo(table);
        });
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
