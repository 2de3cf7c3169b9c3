package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.oneOf;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;
import org.m365connector.view.Views;

/** Files of assignments that take their time on the way, and what happens meanwhile. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class UploadIT {
    private static final PortalUser ADA = TestPortal.user("ADA");
    private static final PortalUser BEN = TestPortal.user("BEN");
    private static final PortalUser CLARA = TestPortal.user("CLARA");
    private static final PortalUser DORA = TestPortal.user("DORA");
    private static final PortalUser ELLA = TestPortal.user("ELLA");
    private static final String COLUMNS = "kind;id;accounts\n";

    private static final String OF_PORTAL = "select id from assignment_import where portal_id = '%s'";

    private static KafkaSide kafka;

    @Inject
    AgroalDataSource database;

    @Inject
    Views known;

    @BeforeAll
    static void connect() {
        kafka = new KafkaSide(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void disconnect() {
        kafka.close();
    }

    @Test
    void accountThatEndsWhileTheFileIsOnItsWayIsNotAssigned() throws Exception {
        // Given a file that names an account, half of it read
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("library", AccountState.READY, 1);
        await().atMost(SOON).untilAsserted(() -> portal.assign("group", "Readers", "current-user", "library")
                .statusCode(201));
        portal.assign("user", BEN.value(), "current-user").statusCode(201);
        var upload = begun(portal, "", COLUMNS + "group;Sales;library\ngroup;Support;service\n");

        // When the account ends, and has been taken out of what it was assigned to
        portal.staticAccountIs("library", AccountState.GONE, 2);
        await().atMost(SOON).untilAsserted(() -> asAdmin()
                .queryParam("kind", "group")
                .get(portal.assignmentsPath())
                .then()
                .body("items.accounts", equalTo(List.of(List.of("current-user")))));
        var answer = upload.finish();

        // Then it is not assigned again, and nothing else of the file either
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(answer.body()).contains("\"line\":2").contains("/problems/account-unknown");
        asAdmin()
                .queryParam("account", "library")
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(0));
        asAdmin()
                .queryParam("principal", "Support")
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(0));

        // And when it is there again it can be
        portal.staticAccountIs("library", AccountState.READY, 3);
        await().atMost(SOON)
                .untilAsserted(() -> portal.assign("group", "Sales", "library").statusCode(201));
        var again = begun(portal, "", COLUMNS + "group;Support;library\n").finish();
        assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
    }

    @Test
    void personWhoIsRemovedWhileTheFileIsOnItsWayDoesNotComeBack() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.tellUser(BEN);
        portal.awaitAccounts(ADA, "[current-user]");
        portal.awaitAccounts(BEN, "[current-user]");
        var upload = begun(portal, "", COLUMNS + "user;" + BEN + ";service\nuser;" + ADA + ";service\n");
        kafka.sendTombstone(portal.usersTopic(), ADA.value());
        portal.awaitTombstone(ADA);
        var answer = upload.finish();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(answer.body())
                .contains("\"problemCount\":1")
                .contains("\"line\":3")
                .contains("/problems/portal-user-unknown");
        portal.asPortal()
                .get(portal.path("/registrations/Main/history"))
                .then()
                .body("items.principal.id", everyItem(not(ADA.value())));
        assertThat(portal.accountsOf(ADA)).isEmpty();
    }

    @Test
    void whileAFileIsBeingWrittenSingleChangesAndThePortalsUsersGoOn() throws Exception {
        // Given a file that cannot be written to its end, because somebody holds one of its assignments
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");
        var bens = id(portal.assign("user", BEN.value(), "current-user"));
        var claras = id(portal.assign("user", CLARA.value(), "current-user"));
        CompletableFuture<SlowUpload.Answer> importing;
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(holder, "select 1 from assignment where id = '%s' for update".formatted(bens));
            var file = COLUMNS + "user;" + BEN + ";service\nuser;" + CLARA + ";service\nuser;" + ADA
                    + ";service\ngroup;Sales;service\n";
            importing = CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, ""), file));
            await().atMost(SOON).until(() -> waitsForARow());

            // Then whoever is changed besides waits for nothing but a moment
            asAdmin()
                    .header("If-Match", "*")
                    .body(Map.of("accounts", List.of("current-user", "service")))
                    .put(portal.assignmentsPath() + "/" + claras)
                    .then()
                    .statusCode(200)
                    .time(lessThan(15_000L));
            portal.assign("user", DORA.value(), "current-user").statusCode(201);
            portal.tellUser(ELLA);
            portal.awaitAccounts(ELLA, "[current-user]");
            portal.tellGroup("Sales", 1);
            await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                    .get(portal.path("/groups/Sales"))
                    .then()
                    .statusCode(200));
            // And what the file says counts already for whom it has not been written
            portal.awaitAccounts(ADA, "[service]");
            portal.tellUser(ELLA, portal.userEvent(ELLA, List.of("Sales"), List.of()));
            portal.awaitAccounts(ELLA, "[service]");
            asAdmin().get(portal.assignmentsPath() + "/imports").then().body("[0].state", equalTo("writing"));
            holder.rollback();
        }

        // When it is written after all, then in front of what was changed meanwhile
        var answer = importing.get(60, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"added\":2").contains("\"changed\":2");
        portal.awaitAccounts(BEN, "[service]");
        portal.awaitAccounts(CLARA, "[current-user], service");
        asAdmin()
                .get(portal.assignmentsPath() + "/" + claras + "/history")
                .then()
                .body("items.what", equalTo(List.of("made", "changed", "changed")))
                .body("items.accounts[1]", equalTo(List.of("service")));
        asAdmin().get(portal.assignmentsPath() + "/imports").then().body("[0].state", equalTo("done"));
        assertThat(count("select count(*) from import_row")).isZero();
    }

    @Test
    void rowThatSomebodyIsAtIsWrittenWhenAllBehindItHaveBeen() throws Exception {
        // Given a file of more rows than are written in a step, that waits at its first one
        var portal = TestPortal.registered(kafka);
        portal.assign("user", "FIRST", "current-user").statusCode(201);
        CompletableFuture<SlowUpload.Answer> importing;
        try (var holder = database.getConnection();
                var second = database.getConnection()) {
            holder.setAutoCommit(false);
            second.setAutoCommit(false);
            execute(
                    holder,
                    "select 1 from assignment where portal_id = '%s' and principal_id = 'FIRST' for update"
                            .formatted(portal.id));
            var file = Members.file(2500, "current-user").replace(" current-user\n", "\n") + "user;FIRST;service\n";
            importing = CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, ""), file));
            await().atMost(SOON).until(() -> waitsForARow());

            // When somebody is at one in the middle
            execute(
                    second,
                    "select 1 from import_row where id = '%s' and import_id in (%s) for update"
                            .formatted(Members.of(1200), OF_PORTAL.formatted(portal.id)));
            holder.rollback();

            // Then the others are written, and that one last
            await().atMost(SOON)
                    .until(
                            () -> count("select count(*) from import_row where import_id in (%s)"
                                    .formatted(OF_PORTAL.formatted(portal.id))),
                            left -> left == 1);
            asAdmin().get(portal.assignmentsPath() + "/imports").then().body("[0].state", equalTo("writing"));
            second.rollback();
        }
        var answer = importing.get(60, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(count("select count(*) from assignment where portal_id = '%s' and principal_kind = 'USER'"
                        .formatted(portal.id)))
                .isEqualTo(2500 + 2);
    }

    @Test
    void fileThatRepeatsWhatAnotherOnItsWayChangesComesBehindIt() throws Exception {
        // Given a file that is taken and cannot be written
        var portal = TestPortal.registered(kafka);
        var bens = id(portal.assign("user", BEN.value(), "current-user"));
        portal.assign("user", ADA.value(), "current-user").statusCode(201);
        CompletableFuture<SlowUpload.Answer> first;
        CompletableFuture<SlowUpload.Answer> second;
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(holder, "select 1 from assignment where id = '%s' for update".formatted(bens));
            var file = COLUMNS + "user;" + BEN + ";service\nuser;" + ADA + ";service\n";
            first = CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, ""), file));
            portal.awaitAccounts(ADA, "[service]");

            // When another says what is still in the table
            var other = COLUMNS + "user;" + ADA + ";current-user\n";
            second = CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, ""), other));
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .get(portal.assignmentsPath() + "/imports")
                    .then()
                    .body("size()", equalTo(2))
                    .body("[0].state", is(oneOf("writing", "done"))));
            holder.rollback();
        }

        // Then that counts in the end
        assertThat(first.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(second.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        portal.awaitAccounts(BEN, "[service]");
        asAdmin()
                .queryParam("principal", ADA.value())
                .get(portal.assignmentsPath())
                .then()
                .body("items.accounts", equalTo(List.of(List.of("current-user"))));
        portal.awaitAccounts(ADA, "[current-user]");
    }

    @Test
    void fileThatReplacesWhatAnotherOnItsWayAssignsComesBehindIt() throws Exception {
        // Given a file that is taken, and of which a new assignment cannot be written
        var portal = TestPortal.registered(kafka);
        var bens = id(portal.assign("user", BEN.value(), "current-user"));
        CompletableFuture<SlowUpload.Answer> first;
        CompletableFuture<SlowUpload.Answer> second;
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(holder, "select 1 from assignment where id = '%s' for update".formatted(bens));
            var file = COLUMNS + "user;" + BEN + ";service\nuser;" + ADA + ";service\ngroup;Sales;service\n";
            first = CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, ""), file));
            portal.awaitAccounts(ADA, "[service]");

            // When another one says that there is nobody but Clara
            var other = COLUMNS + "user;" + CLARA + ";service\n";
            second = CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, "?mode=replace"), other));
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .get(portal.assignmentsPath() + "/imports")
                    .then()
                    .body("size()", equalTo(2))
                    .body("[0].state", equalTo("writing")));
            await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> !second.isDone());
            holder.rollback();
        }

        // Then it is so, and it says how many went: Ben, Ada, the group, the administrator and everybody
        assertThat(first.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        var answer = second.get(60, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"added\":1").contains("\"removed\":5");
        asAdmin().get(portal.assignmentsPath()).then().body("items.principal.id", equalTo(List.of(CLARA.value())));
        portal.awaitTombstone(ADA);
    }

    @Test
    void whoIsAssignedWhileAFileThatReplacesAllIsLookedAtGoesWithTheOthers() throws Exception {
        // Given a file that is being looked at, behind what it finds in the table
        var portal = TestPortal.registered(kafka);
        CompletableFuture<SlowUpload.Answer> importing;
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(holder, "lock table portal_group in access exclusive mode");
            var file = COLUMNS + "group;Sales;service\n";
            importing =
                    CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, "?mode=replace"), file));
            await().atMost(SOON).until(() -> count("""
                    select count(*) from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'relation'
                    and query like '%from import_row r where%'""") > 0);

            // When somebody is assigned
            portal.assign("user", DORA.value(), "current-user").statusCode(201);
            holder.rollback();
        }

        // Then that was before it took effect
        var answer = importing.get(60, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        asAdmin().get(portal.assignmentsPath()).then().body("items.principal.id", equalTo(List.of("Sales")));
    }

    @Test
    void fileForWhichTheRegistrationIsHeldForLongIsTakenAfterwards() throws Exception {
        var portal = TestPortal.registered(kafka);
        CompletableFuture<SlowUpload.Answer> importing;
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(
                    holder,
                    "select pg_advisory_xact_lock(hashtextextended('registration %s/Main', 0))".formatted(portal.id));
            var file = COLUMNS + "group;Sales;service\n";
            importing =
                    CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, "?mode=replace"), file));

            // When it has waited for as long as it may at once, and waits again
            await().atMost(SOON).until(() -> advisoryWaitSeconds() > 0.5);
            await().atMost(SOON).until(() -> advisoryWaitSeconds() > 15);
            await().atMost(SOON).until(() -> advisoryWaitSeconds() < 5);
            holder.rollback();
        }
        var answer = importing.get(60, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** Since when somebody waits; -1 where nobody does. */
    private double advisoryWaitSeconds() throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("""
                        select coalesce(extract(epoch from max(clock_timestamp() - waitstart)), -1)
                        from pg_locks where locktype = 'advisory' and not granted""")) {
            row.next();
            return row.getDouble(1);
        }
    }

    @Test
    void whatEndsWhileAFileIsBeingWrittenEndsForWhatIsNotWrittenYet() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("library", AccountState.READY, 1);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");
        var bens = id(portal.assign("user", BEN.value(), "current-user"));
        await().atMost(SOON).untilAsserted(() -> portal.assign("group", "Readers", "library")
                .statusCode(201));
        CompletableFuture<SlowUpload.Answer> importing;
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(holder, "select 1 from assignment where id = '%s' for update".formatted(bens));
            var file = COLUMNS + "user;" + BEN + ";service\nuser;" + ADA + ";service\nuser;" + CLARA + ";library\nuser;"
                    + DORA + ";current-user library\n";
            importing = CompletableFuture.supplyAsync(() -> SlowUpload.answered(address(portal, ""), file));
            await().atMost(SOON).until(() -> waitsForARow());

            kafka.sendTombstone(portal.usersTopic(), ADA.value());
            portal.awaitTombstone(ADA);
            portal.staticAccountIs("library", AccountState.GONE, 2);
            portal.awaitTombstone(CLARA);
            holder.rollback();
        }

        var answer = importing.get(60, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        portal.awaitAccounts(BEN, "[service]");
        asAdmin()
                .queryParam("kind", "user")
                .get(portal.assignmentsPath())
                .then()
                .body(
                        "items.principal.id",
                        containsInAnyOrder(BEN.value(), DORA.value(), portal.administrator.value()));
        assertThat(portal.accountsOf(ADA)).isEmpty();
        portal.asPortal()
                .get(portal.path("/registrations/Main/history"))
                .then()
                .body("items.principal.id", everyItem(not(ADA.value())));
    }

    @Test
    void accountThatIsMadeAgainBehindAnEndWithoutAVersionCanBeAssigned() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("library", AccountState.READY, 1);
        await().atMost(SOON)
                .untilAsserted(() -> portal.assign("group", "Sales", "library").statusCode(201));
        try (var holder = database.getConnection()) {
            holder.setAutoCommit(false);
            execute(
                    holder,
                    "select pg_advisory_xact_lock(hashtextextended('registration %s/Main', 0))".formatted(portal.id));
            var key = AccountRecord.key(portal.id, portal.registration, AccountId.ofStatic(new AccountName("library")));
            kafka.sendTombstone(Topics.ACCOUNTS, key);
            await().atMost(SOON)
                    .until(() ->
                            count("select count(*) from pg_locks where locktype = 'advisory' and not granted") > 0);
            portal.staticAccountIs("library", AccountState.READY, 2);
            await().atMost(SOON).until(() -> known.accounts()
                    .get(key)
                    .filter(account -> account.version() == 2)
                    .isPresent());
            holder.rollback();
        }

        await().atMost(SOON).untilAsserted(() -> portal.assign("group", "Support", "library")
                .statusCode(201));
        asAdmin()
                .queryParam("principal", "Sales")
                .get(portal.assignmentsPath())
                .then()
                .body("items.accounts", equalTo(List.of(List.of("library"))));
    }

    private static String id(ValidatableResponse made) {
        return made.statusCode(201).extract().path("id");
    }

    /** Whether somebody waits for the row that is held. */
    private boolean waitsForARow() throws SQLException {
        return count("""
                select count(*) from pg_stat_activity where usename = current_user
                and wait_event_type = 'Lock' and wait_event in ('transactionid', 'tuple')""") > 0;
    }

    private long count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void fileThatTricklesKeepsNoConnectionAndOneMoreThanThereIsRoomForIsToldToComeBack() throws Exception {
        // Given as many as are worked on at once
        var portal = TestPortal.registered(kafka);
        var uploads = new ArrayList<SlowUpload>();
        for (var i = 0; i < 4; i++) {
            uploads.add(begun(portal, "", COLUMNS + "group;Sales" + i + ";service\n", i + 1));
        }

        // When nothing more comes of them, then no connection to the database waits
        await().atMost(SOON).until(this::transactionsThatWait, waiting -> waiting == 0);

        // And one more is told when to come back, also who wants an export
        var refused = new SlowUpload(address(portal, ""), COLUMNS).finish();
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).contains("10");
        assertThat(refused.header("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(refused.body()).contains("/problems/transfers-busy");
        asAdmin()
                .accept("text/csv")
                .get(portal.assignmentsPath() + "/export")
                .then()
                .statusCode(503);

        // And with those who end, or are gone, there is room again
        uploads.remove(0).hangUp();
        for (var upload : uploads) {
            assertThat(upload.finish().statusCode()).isEqualTo(200);
        }
        await().atMost(SOON)
                .until(() ->
                        new SlowUpload(address(portal, ""), COLUMNS).finish().statusCode() == 200);
        await().atMost(SOON).untilAsserted(() -> asAdmin()
                .get(portal.assignmentsPath() + "/imports")
                .then()
                .body("state", hasItem("refused"))
                .body("findAll { it.state == 'reading' }", hasSize(0)));
        for (var i = 0; i < 4; i++) {
            try (var file = asAdmin()
                    .accept("text/csv")
                    .get(portal.assignmentsPath() + "/export")
                    .then()
                    .statusCode(200)
                    .extract()
                    .asInputStream()) {
                assertThat(file.readAllBytes()).isNotEmpty();
            }
        }
    }

    private long transactionsThatWait() throws SQLException {
        return count("""
                select count(*) from pg_stat_activity
                where usename = current_user and (state = 'idle in transaction'
                or (state = 'active' and wait_event_type = 'Client'))""");
    }

    @Test
    void importThatItsProcessDoesNotSayIsAliveHasFailed() throws Exception {
        var portal = TestPortal.registered(kafka);
        begun(portal, "?dryRun=true", COLUMNS).finish();
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.executeUpdate("""
                    update assignment_import set state = 'WRITING', updated_at = now() - interval '31 s'
                    where portal_id = '%s'""".formatted(portal.id));
        }

        asAdmin().get(portal.assignmentsPath() + "/imports").then().body("state", equalTo(List.of("failed")));
    }

    @Test
    void historyNamesWhoImportedAndWhy() throws Exception {
        var portal = TestPortal.registered(kafka);
        var answer = begun(portal, "?reason=ticket%204711%20%E2%82%AC", COLUMNS + "group;Sales;service\n")
                .finish();

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        var imported = asAdmin()
                .get(portal.assignmentsPath() + "/imports")
                .then()
                .body("[0].who.kind", equalTo("admin"))
                .body("[0].who.name", equalTo("admin-key"))
                .body("[0].reason", equalTo("ticket 4711 €"))
                .extract()
                .<String>path("[0].id");
        portal.asPortal()
                .get(portal.path("/registrations/Main/history"))
                .then()
                .body(
                        "items.findAll { it.principal.id == 'Sales' }.reason",
                        equalTo(List.of("import " + imported + ": ticket 4711 €")))
                .body("items.findAll { it.principal.id == 'Sales' }.who.name", equalTo(List.of("admin-key")));
        var tooLong = new SlowUpload(address(portal, "?reason=" + "x".repeat(1001)), COLUMNS).finish();
        assertThat(tooLong.statusCode()).isEqualTo(400);
    }

    private static SlowUpload begun(TestPortal portal, String query, String begin) throws Exception {
        return begun(portal, query, begin, 1);
    }

    /** When it is being read, as that many then are. */
    private static SlowUpload begun(TestPortal portal, String query, String begin, int reading) throws Exception {
        var upload = new SlowUpload(address(portal, query), begin);
        await().atMost(SOON).untilAsserted(() -> asAdmin()
                .get(portal.assignmentsPath() + "/imports")
                .then()
                .body("findAll { it.state == 'reading' }", hasSize(reading)));
        return upload;
    }

    private static String address(TestPortal portal, String query) {
        return ConfigProvider.getConfig().getValue("test.url", String.class) + portal.assignmentsPath() + "/import"
                + query;
    }
}
