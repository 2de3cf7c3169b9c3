package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.lessThan;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.assignment.problem.AssignmentProblem;
import org.m365connector.assignment.user.Turnstile;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationState;
import org.m365connector.problem.ProblemException;

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

    @Inject
    EntityManager entities;

    @Inject
    Turnstile turnstile;

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
                // When a rule for many changes, and then one for a single user
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
        assertThat(rows(portal).values()).noneMatch(row -> row.accounts().equals(List.of("service")));
    }

    @Test
    void whatIsStuckInOnePortalKeepsNoOtherWaiting() throws Exception {
        // Given a recalculation that cannot go on, and has come least far of all
        var stuck = withMembers();
        var other = withMembers();
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(
                    holder,
                    "select 1 from portal_user where portal_id = '%s' and portal_user = '%s' for update"
                            .formatted(stuck.id, FIRST));
            stuck.assign("group", "Everybody", "service").statusCode(201);

            // When another portal's begins, then that one comes to its end
            other.assign("group", "Everybody", "service").statusCode(201);
            awaitFinished(other);
            other.awaitAccounts(LAST, "[service]");
            stuck.asPortal().get(stuck.path("/recalculations")).then().body("items[0].usersDone", equalTo(0));
            holder.rollback();
        }
        awaitFinished(stuck);
        awaitTopicEqualsTable(stuck);
    }

    @Test
    void sameWishAgainGoesOnFromWhereItIsAndMissesNobody() throws Exception {
        // Given a change for many that has come to the middle
        var portal = withMembers();
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(
                    holder,
                    "select 1 from portal_user where portal_id = '%s' and portal_user = '%s' for update"
                            .formatted(portal.id, IN_THE_MIDDLE));
            var made = portal.assign("group", "Everybody", "service")
                    .statusCode(201)
                    .extract();
            portal.awaitAccounts(FIRST, "[service]");
            await().atMost(SOON).until(() -> text("done_until", portal), "M00800"::equals);

            // When the same group's rule changes twice more
            for (var accounts : List.of(List.of("current-user"), List.of("service", "current-user"))) {
                asAdmin()
                        .header("If-Match", "*")
                        .body(Map.of("accounts", accounts))
                        .put(made.header("Location"))
                        .then()
                        .statusCode(200);
            }

            // Then it does not begin again, and those whom it has done already will come once more
            assertThat(text("done_until", portal)).isEqualTo("M00800");
            assertThat(text("then_until", portal)).isEqualTo("M00800");
            portal.asPortal().get(portal.path("/recalculations")).then().body("items[0].usersDone", equalTo(0));
            holder.rollback();
        }
        awaitFinished(portal);
        awaitTopicEqualsTable(portal);
        assertThat(rows(portal).entrySet())
                .filteredOn(row -> row.getKey().startsWith("M"))
                .hasSize(MEMBERS)
                .allMatch(row -> row.getValue().accounts().equals(List.of("service", "current-user")));
        portal.asPortal().get(portal.path("/recalculations")).then().body("items[0].usersDone", equalTo(MEMBERS));
        // Whoever had not had his turn yet never heard of what was wished in between
        assertThat(kafka.seen(portal.recordKey(LAST))).hasSize(1);
        assertThat(kafka.seen(portal.recordKey(FIRST))).hasSize(2);
    }

    @Test
    void singleUsersRuleWaitsForNobodyWhoSharesTheRegistration() throws Exception {
        // Given somebody who shares the registration for long, as the steps of a change for many do one after the other
        var portal = TestPortal.registered(kafka);
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(
                    holder,
                    "select 1 from registration where portal_id = '%s' and name = 'Main' for share"
                            .formatted(portal.id));

            // When a single user is assigned an account, has it changed and taken away, then all of that is done
            // meanwhile
            var made = portal.assign("user", FIRST.value(), "service")
                    .statusCode(201)
                    .extract();
            portal.awaitAccounts(FIRST, "[service]");
            asAdmin()
                    .header("If-Match", "*")
                    .body(Map.of("accounts", List.of("current-user")))
                    .put(made.header("Location"))
                    .then()
                    .statusCode(200);
            portal.awaitAccounts(FIRST, "[current-user]");
            asAdmin()
                    .header("If-Match", "*")
                    .delete(made.header("Location"))
                    .then()
                    .statusCode(204);
            portal.awaitTombstone(FIRST);
            holder.rollback();
        }
    }

    @Test
    void whoChangesASharedRuleIsNotPassedByThoseWhoComeLaterToShareTheRegistration() throws Exception {
        // Given somebody who shares the registration, and somebody who waits to have it alone
        var portal = TestPortal.registered(kafka);
        var threads = Executors.newFixedThreadPool(2);
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(holder, "select pg_advisory_xact_lock_shared(%s)".formatted(gate(portal)));
            execute(
                    holder,
                    "select 1 from registration where portal_id = '%s' and name = 'Main' for share"
                            .formatted(portal.id));
            var rule = threads.submit(() ->
                    portal.assign("group", "Everybody", "service").extract().statusCode());
            await().atMost(SOON).until(() -> waiting(portal), count -> count == 1);

            // When one more comes who would share it
            var user = threads.submit(() -> asAdmin()
                    .body(Map.of("groups", List.of("Everybody")))
                    .put(portal.path("/users/" + FIRST))
                    .then()
                    .extract()
                    .statusCode());

            // Then he waits his turn
            await().atMost(SOON).until(() -> waiting(portal), count -> count == 2);
            assertThat(user.isDone()).isFalse();
            holder.rollback();
            assertThat(rule.get()).isEqualTo(201);
            assertThat(user.get()).isEqualTo(200);
        }
        threads.shutdown();
        portal.awaitAccounts(FIRST, "[service]");
    }

    private static String gate(TestPortal portal) {
        return "hashtextextended('registration %s/Main', 0)".formatted(portal.id);
    }

    private long waiting(TestPortal portal) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("""
                        select count(*) from pg_locks where locktype = 'advisory' and not granted
                        and ((classid::bigint << 32) | objid::bigint) = %s""".formatted(gate(portal)))) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void whoWaitsTooLongForALargeChangeIsToldToComeBack() throws Exception {
        var portal = TestPortal.registered(kafka);
        try (var holder = database.getConnection();
                var setting = holder.createStatement().executeQuery("show lock_timeout")) {
            setting.next();
            assertThat(setting.getString(1)).isEqualTo("20s");
            holder.setAutoCommit(false);
            execute(holder, "select pg_advisory_xact_lock(%s)".formatted(gate(portal)));

            assertThatThrownBy(() -> QuarkusTransaction.requiringNew().run(() -> {
                        entities.createNativeQuery("set local lock_timeout = '100ms'")
                                .executeUpdate();
                        turnstile.share(portal.id, List.of("registration " + portal.id + "/Main"));
                    }))
                    .isInstanceOfSatisfying(ProblemException.class, problem -> {
                        assertThat(problem.type()).isEqualTo(AssignmentProblem.CHANGE_UNDER_WAY);
                        assertThat(problem.headers()).containsEntry("Retry-After", "10");
                    });
            holder.rollback();
        }
    }

    @Test
    void whoeverWaitsInOnePortalLeavesConnectionsToTheOthers() throws Exception {
        // Given a portal of which more change something than there are connections, and all have to wait
        var stuck = TestPortal.registered(kafka);
        var other = TestPortal.registered(kafka);
        // Not for the first time while others wait: those do not wait for ever.
        stuck.assign("user", "BEFORE", "service").statusCode(201);
        var threads = Executors.newFixedThreadPool(24);
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(holder, "select pg_advisory_xact_lock(%s)".formatted(gate(stuck)));
            var statuses = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 24; i++) {
                var user = "U" + i;
                statuses.add(threads.submit(
                        () -> stuck.assign("user", user, "service").extract().statusCode()));
            }
            await().atMost(SOON)
                    .until(() -> statuses.stream().filter(Future::isDone).count(), done -> done == 24 - 8);

            // Then another portal is not kept
            other.assign("user", FIRST.value(), "service").statusCode(201).time(lessThan(15_000L));
            holder.rollback();

            // And of the first as many have waited as may, and the others were told to come back
            var told = new ArrayList<Integer>();
            for (var status : statuses) {
                told.add(status.get());
            }
            assertThat(told).containsOnly(201, 503);
            assertThat(told.stream().filter(status -> status == 201)).hasSize(8);
        }
        threads.shutdown();
    }

    @Test
    void oneOfTheLastTwoWithTheServiceAccountKeepsIt() throws Exception {
        var portal = TestPortal.registered(kafka);
        var threads = Executors.newFixedThreadPool(2);
        for (int i = 0; i < 5; i++) {
            // Given two who have the service account, the administrator's taken from him
            var both = List.of(
                    portal.assign("user", FIRST.value(), "service")
                            .statusCode(201)
                            .extract()
                            .header("Location"),
                    portal.assign("user", LAST.value(), "service")
                            .statusCode(201)
                            .extract()
                            .header("Location"));
            asAdmin()
                    .queryParam("principal", portal.administrator.value())
                    .get(portal.assignmentsPath())
                    .then()
                    .extract()
                    .<List<String>>path("items.id")
                    .forEach(id -> asAdmin()
                            .header("If-Match", "*")
                            .delete(portal.assignmentsPath() + "/" + id)
                            .then()
                            .statusCode(204));

            // When both are removed at once
            var statuses = new ArrayList<Future<Integer>>();
            for (var location : both) {
                statuses.add(threads.submit(() -> asAdmin()
                        .header("If-Match", "*")
                        .delete(location)
                        .then()
                        .extract()
                        .statusCode()));
            }

            // Then one stays
            assertThat(List.of(statuses.get(0).get(), statuses.get(1).get())).containsExactlyInAnyOrder(204, 409);
            asAdmin()
                    .queryParam("account", "service")
                    .get(portal.assignmentsPath())
                    .then()
                    .body("items.size()", equalTo(1))
                    .extract()
                    .<List<String>>path("items.id")
                    .forEach(id -> asAdmin()
                            .header("If-Match", "*")
                            .delete(portal.assignmentsPath() + "/" + id + "?force=true")
                            .then()
                            .statusCode(204));
        }
        threads.shutdown();
    }

    @Test
    void whoAssignsTheSameUserAtOnceIsToldThatSomebodyElseHas() throws Exception {
        var portal = TestPortal.registered(kafka);
        var threads = Executors.newFixedThreadPool(4);
        var statuses = new ArrayList<Future<Integer>>();
        for (int i = 0; i < 8; i++) {
            statuses.add(threads.submit(() ->
                    portal.assign("user", FIRST.value(), "service").extract().statusCode()));
        }
        var told = new ArrayList<Integer>();
        for (var status : statuses) {
            told.add(status.get());
        }
        threads.shutdown();

        assertThat(told).containsOnlyOnce(201).containsOnly(201, 409);
    }

    private String text(String column, TestPortal portal) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select %s from recalculation where portal_id = '%s'".formatted(column, portal.id))) {
            return row.next() ? row.getString(1) : null;
        }
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

    /** What a reader learns who begins from nothing, and one who was there all the time, is row by row what stands in the table. */
    private void awaitTopicEqualsTable(TestPortal portal) {
        await().atMost(SOON).untilAsserted(() -> {
            var table = rows(portal);
            assertThat(TableAndTopic.topic(kafka, portal.id)).isEqualTo(table);
            assertThat(TableAndTopic.view(kafka, portal.id)).isEqualTo(table);
        });
    }

    private Map<String, TableAndTopic.Row> rows(TestPortal portal) throws SQLException {
        try (var connection = database.getConnection()) {
            return TableAndTopic.table(connection, portal.id);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
