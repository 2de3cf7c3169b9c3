package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Reading;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.Topics;

/** Changes that matter for more users than can be told at once. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class RecalculationIT {
    private static final int MEMBERS = 1700;
    private static final PortalUser FIRST = member(1);
    private static final PortalUser IN_THE_MIDDLE = member(MEMBERS / 2);
    private static final PortalUser LAST = member(MEMBERS);

    private static KafkaSide kafka;

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
    void changeForAHugeGroupIsSpreadOverTimeAndKeepsNobodyElseWaiting() throws Exception {
        // Given a group whose middle somebody holds on to, so that the change cannot come to its end
        var portal = withMembers();
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(
                    holder,
                    "select 1 from portal_user where portal_id = '%s' and portal_user = '%s' for update"
                            .formatted(portal.id, IN_THE_MIDDLE));

            // When the group is assigned an account
            portal.assign("group", "Everybody", "service")
                    .statusCode(201)
                    .body("progress", equalTo(portal.path("/recalculations")));

            // Then it begins, in steps that are short for whoever waits for one, and says how far it is
            portal.awaitAccounts(FIRST, "[service]");
            await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                    .get(portal.path("/recalculations"))
                    .then()
                    .statusCode(200)
                    .body("items[0].principal.id", equalTo("Everybody"))
                    .body("items[0].usersDone", equalTo(800))
                    .body("items[0].usersTotal", equalTo(MEMBERS))
                    .body("items[0].finished", equalTo(false)));

            // And single users change meanwhile, before and behind
            asAdmin()
                    .body(Map.of("groups", List.of()))
                    .put(portal.path("/users/" + FIRST))
                    .then()
                    .statusCode(200);
            asAdmin()
                    .body(Map.of("groups", List.of()))
                    .put(portal.path("/users/" + LAST))
                    .then()
                    .statusCode(200);
            asAdmin()
                    .body(Map.of("groups", List.of("Everybody")))
                    .put(portal.path("/users/NEWCOMER"))
                    .then()
                    .statusCode(200);
            portal.awaitAccounts(FIRST, "[current-user]");
            portal.awaitAccounts(new PortalUser("NEWCOMER"), "[service]");
            holder.rollback();
        }
        awaitFinished(portal);
        portal.awaitAccounts(member(MEMBERS - 1), "[service]");
        portal.awaitAccounts(IN_THE_MIDDLE, "[service]");
        portal.awaitAccounts(LAST, "[current-user]");
        portal.awaitAccounts(FIRST, "[current-user]");
        awaitTopicEqualsTable(portal);
    }

    @Test
    void singleAssignmentIsToldWhileTheChangeForManyWaitsForRoom() throws Exception {
        // Given events that wait, more than one user's own change should find in front of it
        var portal = withMembers();
        try (var connection = database.getConnection()) {
            execute(connection, """
                    insert into outbox (topic, key, headers, next_attempt_at)
                    select 'm365.assignments', '%s/waits/' || n, '[]', now() + interval '1 hour'
                    from generate_series(1, 300) n""".formatted(portal.id));
            try {
                // When a rule for many changes, and then one for a single user, which needs the registration alone
                portal.assign("group", "Everybody", "service").statusCode(201);
                portal.assign("user", LAST.value(), "service").statusCode(201);

                // Then he has it, and the many are still to come
                portal.awaitAccounts(LAST, "[service]");
                portal.asPortal()
                        .get(portal.path("/recalculations"))
                        .then()
                        .body("items[0].finished", equalTo(false))
                        .body("items[0].usersDone", equalTo(0));
            } finally {
                execute(connection, "delete from outbox where key like '%s/waits/%%'".formatted(portal.id));
            }
        }
        awaitFinished(portal);
        portal.awaitAccounts(FIRST, "[service]");
        awaitTopicEqualsTable(portal);
    }

    @Test
    void whatAProcessLeftUndoneWhenItWasKilledIsDone() throws Exception {
        // Given what a kill leaves behind: a rule whose effect has come to the first half only
        var portal = withMembers();
        try (var connection = database.getConnection()) {
            execute(connection, """
                    insert into assignment values (gen_random_uuid(), '%s', 'Main', 'GROUP', 'Everybody',
                      '{service}', 'service', 1, now(), '{}')""".formatted(portal.id));
            execute(connection, """
                    insert into recalculation (portal_id, registration, principal_kind, principal_id, done_until,
                      users_done, users_total, requested_at)
                    values ('%s', 'Main', 'GROUP', 'Everybody', '%s', 850, 1700, now())""".formatted(portal.id, IN_THE_MIDDLE));
        }

        // Then the other half is done, and nothing twice
        awaitFinished(portal);
        portal.awaitAccounts(LAST, "[service]");
        portal.awaitAccounts(member(MEMBERS / 2 + 1), "[service]");
        assertThat(portal.accountsOf(FIRST)).isEmpty();
        portal.asPortal()
                .get(portal.path("/recalculations"))
                .then()
                .body("items[0].usersDone", equalTo(MEMBERS))
                .body("items[0].finishedAt != null", equalTo(true));
        awaitTopicEqualsTable(portal);
    }

    @Test
    void registrationWithManyUsersBeginsAndEndsLittleByLittle() throws Exception {
        var portal = withMembers();
        portal.registrationIsGone();
        portal.awaitTombstone(AssignmentsRecord.DEFAULT);
        portal.registrationIs(RegistrationState.COMPLETE, 3);
        portal.awaitAccounts(LAST, "[current-user]");
        awaitFinished(portal);
        portal.awaitAccounts(FIRST, "[current-user]");

        portal.registrationIsGone();
        portal.awaitTombstone(LAST);
        awaitFinished(portal);
        awaitTopicEqualsTable(portal);
        assertThat(rows(portal)).isEmpty();
    }

    @Test
    void usersWhoChangeWhileAllAreWorkedOutAndTheRuleChangesAgainWaitForNobodyInACircle() throws Exception {
        var portal = withMembers();
        var made =
                portal.assign("group", "Everybody", "service").statusCode(201).extract();

        var threads = Executors.newFixedThreadPool(4);
        var work = new ArrayList<Future<?>>();
        for (int i = 0; i < 160; i++) {
            var groups = i % 2 == 0 ? List.of() : List.of("Everybody");
            var user = member(1 + i * 613 % MEMBERS);
            work.add(threads.submit(() -> asAdmin()
                    .body(Map.of("groups", groups))
                    .put(portal.path("/users/" + user))
                    .then()
                    .statusCode(200)));
        }
        for (var account : List.of("current-user", "service", "current-user")) {
            asAdmin()
                    .header("If-Match", "*")
                    .body(Map.of("accounts", List.of(account)))
                    .put(made.header("Location"))
                    .then()
                    .statusCode(200);
        }
        for (var task : work) {
            task.get();
        }
        threads.shutdown();

        awaitFinished(portal);
        awaitTopicEqualsTable(portal);
        assertThat(rows(portal).values()).noneMatch(row -> row.endsWith("[service]"));
    }

    private TestPortal withMembers() throws Exception {
        var portal = TestPortal.registered(kafka);
        try (var connection = database.getConnection()) {
            execute(connection, """
                    insert into portal_user
                    select '%s', 'M' || lpad(n::text, 5, '0'), '{}', '{Everybody}', '{}', now()
                    from generate_series(1, %s) n""".formatted(portal.id, MEMBERS));
        }
        return portal;
    }

    private static PortalUser member(int number) {
        return new PortalUser("M%05d".formatted(number));
    }

    private static void awaitFinished(TestPortal portal) {
        await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                .get(portal.path("/recalculations"))
                .then()
                .body("items.finished", equalTo(List.of(true))));
    }

    /** What a reader learns who begins from nothing is row by row what stands in the table. */
    private void awaitTopicEqualsTable(TestPortal portal) {
        await().atMost(SOON).untilAsserted(() -> assertThat(records(portal)).isEqualTo(rows(portal)));
    }

    private static Map<String, String> records(TestPortal portal) {
        var byKey = new HashMap<String, AssignmentsRecord>();
        for (var record : kafka.read(Topics.ASSIGNMENTS)) {
            if (!record.key().startsWith(portal.id + "/")) {
                continue;
            }
            if (EventCodec.read(record) instanceof Reading.Understood understood) {
                byKey.put(
                        record.key(),
                        EventCodec.json().convertValue(understood.event().data(), AssignmentsRecord.class));
            } else {
                byKey.remove(record.key());
            }
        }
        var records = new TreeMap<String, String>();
        byKey.forEach((key, record) -> records.put(
                record.portalUser().value(),
                record.version() + " "
                        + record.accounts().stream()
                                .map(held -> held.account().value())
                                .toList()));
        return records;
    }

    private Map<String, String> rows(TestPortal portal) throws SQLException {
        var rows = new TreeMap<String, String>();
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(
                        "select portal_user, version, accounts from effective_assignments where portal_id = ?")) {
            statement.setString(1, portal.id.value());
            try (var found = statement.executeQuery()) {
                while (found.next()) {
                    rows.put(
                            found.getString(1),
                            found.getLong(2) + " "
                                    + new ArrayList<>(
                                            List.of((String[]) found.getArray(3).getArray())));
                }
            }
        }
        return rows;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
