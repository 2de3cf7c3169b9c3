package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;

/** Files of assignments that take their time on the way, and what happens meanwhile. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class UploadIT {
    private static final PortalUser ADA = TestPortal.user("ADA");
    private static final PortalUser BEN = TestPortal.user("BEN");
    private static final String COLUMNS = "kind;id;accounts\n";

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
    void accountThatEndsWhileTheFileIsOnItsWayIsNotAssigned() throws Exception {
        // Given a file that names an account, half of it read
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("library", AccountState.READY, 1);
        portal.assign("group", "Readers", "current-user", "library").statusCode(201);
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
        var sent = new AtomicInteger();
        await().atMost(SOON)
                .until(
                        () -> {
                            upload.write(aThousandOthers(sent));
                            return asAdmin()
                                    .get(portal.assignmentsPath() + "/imports")
                                    .then()
                                    .extract()
                                    .<Integer>path("[0].rows");
                        },
                        rows -> rows >= 1_000);
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

    private static String aThousandOthers(AtomicInteger sent) {
        var rows = new StringBuilder();
        for (var i = 0; i < 1_000; i++) {
            rows.append("user;OTHER").append(sent.incrementAndGet()).append(";service\n");
        }
        return rows.toString();
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
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("""
                        select count(*) from pg_stat_activity
                        where usename = current_user and (state = 'idle in transaction'
                        or (state = 'active' and wait_event_type = 'Client'))""")) {
            row.next();
            return row.getLong(1);
        }
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
