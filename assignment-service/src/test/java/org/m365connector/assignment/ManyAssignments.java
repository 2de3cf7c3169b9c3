package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.m365connector.assignment.TestPortal.SOON;

import io.agroal.api.AgroalDataSource;
import io.restassured.RestAssured;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;

/** A portal with more assignments than can be ended at once, and what becomes of them. */
final class ManyAssignments {
    static final int MANY = 2000;
    static final PortalUser IN_THE_MIDDLE = Members.of(MANY / 2);
    static final PortalUser LAST = Members.of(MANY);

    static final String BY_THE_END_OF_AN_ACCOUNT = "the static account is gone";

    private final AgroalDataSource database;
    private final KafkaSide kafka;

    ManyAssignments(AgroalDataSource database, KafkaSide kafka) {
        this.database = database;
        this.kafka = kafka;
    }

    /** Every second has the static account besides, the others by default. */
    TestPortal registered() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("team-bot", AccountState.READY, 1);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(SlowUpload.answered(address(portal), Members.file(MANY, "team-bot"))
                                .statusCode())
                        .isEqualTo(200));
        awaitWorkedOut(portal);
        return portal;
    }

    /** Nobody else changes that user's assignment until it is rolled back. */
    Connection held(TestPortal portal, PortalUser user) throws SQLException {
        var holder = connection();
        try (var statement = holder.createStatement()) {
            statement.execute("select 1 from assignment where portal_id = '%s' and principal_id = '%s' for update"
                    .formatted(portal.id, user));
        }
        return holder;
    }

    /** What is locked in it is locked until it is rolled back. */
    Connection connection() throws SQLException {
        var connection = database.getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    String idOf(TestPortal portal, PortalUser user) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select id from assignment where portal_id = '%s' and principal_id = '%s'"
                                .formatted(portal.id, user))) {
            row.next();
            return row.getString(1);
        }
    }

    static String address(TestPortal portal) {
        return "http://localhost:" + RestAssured.port + portal.assignmentsPath() + "/import";
    }

    void awaitEnded(TestPortal portal) {
        await().atMost(SOON)
                .until(
                        () -> count("select count(*) from ending where portal_id = '%s'".formatted(portal.id)),
                        open -> open == 0);
        awaitWorkedOut(portal);
    }

    void awaitWorkedOut(TestPortal portal) {
        await().atMost(SOON.multipliedBy(2))
                .until(
                        () -> count("select count(*) from recalculation where portal_id = '%s' and finished_at is null"
                                .formatted(portal.id)),
                        open -> open == 0);
    }

    /** How many the end of the account has removed, or changed. */
    long ended(TestPortal portal, String what) throws SQLException {
        return count("select count(*) from assignment_history where portal_id = '%s' and reason = '%s' and what = '%s'"
                .formatted(portal.id, BY_THE_END_OF_AN_ACCOUNT, what));
    }

    void awaitTopicEqualsTable(TestPortal portal) {
        await().atMost(SOON).untilAsserted(() -> {
            var table = rows(portal);
            assertThat(TableAndTopic.topic(kafka, portal.id)).isEqualTo(table);
            assertThat(TableAndTopic.view(kafka, portal.id)).isEqualTo(table);
        });
    }

    Map<String, TableAndTopic.Row> rows(TestPortal portal) throws SQLException {
        try (var connection = database.getConnection()) {
            return TableAndTopic.table(connection, portal.id);
        }
    }

    long count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
