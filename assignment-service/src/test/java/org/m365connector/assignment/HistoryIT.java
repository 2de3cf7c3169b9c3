package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;

/** What an administrator is told about what he did, and what happens when that for which he did it is gone. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class HistoryIT {
    private static final PortalUser ADA = TestPortal.user("ADA");

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
    void historySaysWhoDidWhatWhenAndWhy() throws Exception {
        // Given
        var portal = TestPortal.registered(kafka);
        var made = asAdmin()
                .body(Map.of(
                        "principal",
                        Map.of("kind", "group", "id", "Sales"),
                        "accounts",
                        List.of("service"),
                        "reason",
                        "ticket 4711"))
                .post(portal.assignmentsPath())
                .then()
                .statusCode(201)
                .extract();

        // When
        asAdmin()
                .header("If-Match", "*")
                .header("X-M365-Reason", "ticket 4712")
                .body(Map.of("accounts", List.of("current-user")))
                .put(made.header("Location"))
                .then()
                .statusCode(200);
        asAdmin()
                .header("If-Match", "*")
                .header("X-M365-Reason", "ticket 4713")
                .delete(made.header("Location"))
                .then()
                .statusCode(204);

        // Then
        portal.asPortal()
                .get(made.header("Location") + "/history")
                .then()
                .statusCode(200)
                .body("items.what", equalTo(List.of("made", "changed", "removed")))
                .body("items.reason", equalTo(List.of("ticket 4711", "ticket 4712", "ticket 4713")))
                .body("items.who.kind", equalTo(List.of("admin", "admin", "admin")))
                .body("items.principal.id", equalTo(List.of("Sales", "Sales", "Sales")))
                .body(
                        "items.accounts",
                        equalTo(List.of(List.of("service"), List.of("current-user"), List.of("current-user"))))
                .body("items.version", equalTo(List.of(1, 2, 2)));
        var first = portal.asPortal()
                .queryParam("limit", 2)
                .get(portal.path("/registrations/Main/history"))
                .then()
                .statusCode(200)
                .body("items.what", equalTo(List.of("made", "made")))
                .body("items.who.kind", equalTo(List.of("system", "system")))
                .extract();
        portal.asPortal()
                .queryParam("after", first.<Integer>path("next"))
                .get(portal.path("/registrations/Main/history"))
                .then()
                .body("items", hasSize(3))
                .body("next", nullValue());
    }

    @Test
    void personWhoIsGoneIsTakenOutOfTheHistoryAndTheFactStays() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");
        var made = asAdmin()
                .body(Map.of(
                        "principal",
                        Map.of("kind", "user", "id", ADA.value()),
                        "accounts",
                        List.of("service"),
                        "narrowing",
                        Map.of("service", Map.of("mailbox", "ada@contoso.example")),
                        "reason",
                        "Ada asked for it"))
                .post(portal.assignmentsPath())
                .then()
                .statusCode(201)
                .extract();

        asAdmin()
                .contentType("text/csv")
                .body("kind;id;accounts\nuser;" + ADA + ";service current-user\n")
                .post(portal.assignmentsPath() + "/import?reason=Ada+asked+again")
                .then()
                .statusCode(200);

        kafka.sendTombstone(portal.usersTopic(), ADA.value());
        portal.awaitTombstone(ADA);

        asAdmin()
                .get(portal.assignmentsPath() + "/imports")
                .then()
                .body("state", equalTo(List.of("done")))
                .body("reason", equalTo(Arrays.asList((Object) null)));
        portal.asPortal()
                .get(made.header("Location") + "/history")
                .then()
                .statusCode(200)
                .body("items.what", equalTo(List.of("made", "changed", "removed")))
                .body("items.accounts[0]", equalTo(List.of("service")))
                .body("items.principal.id", equalTo(Arrays.asList(null, null, null)))
                .body("items.principal.personRemoved", equalTo(List.of(true, true, true)))
                .body("items.narrowing", equalTo(Arrays.asList(null, null, null)))
                .body("items.reason", equalTo(Arrays.asList(null, null, null)))
                .body("items.who.kind", equalTo(List.of("admin", "admin", "portal")));
    }

    @Test
    void databaseLetsNobodyChangeTheHistory() throws Exception {
        var portal = TestPortal.registered(kafka);
        for (var forbidden : List.of(
                "update assignment_history set reason = 'better' where portal_id = '%s'",
                "update assignment_history set what = 'MADE', person_removed = true, principal_id = '', reason = null,"
                        + " narrowing = '{}', actor = 'somebody' where portal_id = '%s'",
                "delete from assignment_history where portal_id = '%s'",
                "truncate assignment_history")) {
            try (var connection = database.getConnection();
                    var statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute(forbidden.formatted(portal.id)))
                        .hasMessageContaining("never changed");
            }
        }
    }

    @Test
    void serviceThatIsOlderThanItsTablesIsRefused() throws Exception {
        var portal = TestPortal.registered(kafka);
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (var table : List.of("assignment", "effective_assignments", "assignment_import", "recalculation")) {
                statement.execute("set local m365.generation = '9'");
                assertThatThrownBy(() -> statement.executeUpdate(
                                "delete from %s where portal_id = '%s'".formatted(table, portal.id)))
                        .hasMessageContaining("older than its tables");
                connection.rollback();
            }
        }
        assertThat(count("select count(*) from assignment where portal_id = '%s'".formatted(portal.id)))
                .isEqualTo(2);
    }

    private long count(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void lastAssignmentOfTheServiceAccountGoesOnlyWhenAskedTwice() throws Exception {
        var portal = TestPortal.registered(kafka);
        var address = portal.assignmentsPath() + "/"
                + asAdmin()
                        .queryParam("account", "service")
                        .get(portal.assignmentsPath())
                        .then()
                        .body("items", hasSize(1))
                        .extract()
                        .<String>path("items[0].id");
        var without = Map.of("accounts", List.of("current-user"));

        asAdmin()
                .header("If-Match", "*")
                .delete(address)
                .then()
                .statusCode(409)
                .body("type", equalTo("/problems/last-administrator-assignment"));
        asAdmin().header("If-Match", "*").body(without).put(address).then().statusCode(409);
        portal.assign("group", "Admins", "service").statusCode(201);
        asAdmin().header("If-Match", "*").body(without).put(address).then().statusCode(200);
        var last = portal.asPortal()
                .queryParam("account", "service")
                .queryParam("kind", "group")
                .queryParam("principal", "Admins")
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(1))
                .extract()
                .<String>path("items[0].id");
        asAdmin()
                .header("If-Match", "*")
                .queryParam("force", true)
                .delete(portal.assignmentsPath() + "/" + last)
                .then()
                .statusCode(204);
        asAdmin()
                .queryParam("account", "service")
                .get(portal.assignmentsPath())
                .then()
                .body("items", empty());
    }

    @Test
    void whatMayBeASlipOfThePenIsSaid() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("team-bot", AccountState.NEEDS_LOGIN, 1);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Sales"), List.of("Editor")));
        portal.awaitAccounts(ADA, "[current-user]");

        await().atMost(SOON)
                .until(
                        () -> portal.assign("group", "Sale", "team-bot"),
                        answer -> answer.extract().statusCode() != 422)
                .statusCode(201)
                .body("warnings.warning", equalTo(List.of("account-needs-login", "principal-unknown")))
                .body("warnings.about", equalTo(List.of("team-bot", "Sale")));
        portal.assign("role", "Editer", "service")
                .statusCode(201)
                .body("warnings.warning", equalTo(List.of("principal-unknown")));
        portal.assign("group", "Sales", "service").statusCode(201).body("warnings", nullValue());
        portal.assign("role", "Editor", "service").statusCode(201).body("warnings", nullValue());
        portal.assign("user", ADA.value(), "service").statusCode(201).body("warnings", nullValue());
    }

    @Test
    void staticAccountThatIsGoneLeavesTheAssignmentsAndEndsThoseWhoseDefaultItWas() throws Exception {
        // Given
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("team-bot", AccountState.READY, 1);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Sales"), List.of("Editor")));
        var besides = await().atMost(SOON)
                .until(
                        () -> portal.assign("role", "Editor", "service", "team-bot"),
                        answer -> answer.extract().statusCode() != 422)
                .statusCode(201)
                .extract();
        var byDefault = portal.assign("group", "Sales", "team-bot", "service")
                .statusCode(201)
                .extract();
        portal.awaitAccounts(ADA, "[team-bot], service");

        // When
        portal.staticAccountIs("team-bot", AccountState.GONE, 2);

        // Then the rule for the role decides, without the account
        portal.awaitAccounts(ADA, "[service]");
        portal.asPortal().get(byDefault.header("Location")).then().statusCode(404);
        portal.asPortal()
                .get(byDefault.header("Location") + "/history")
                .then()
                .body("items.what", equalTo(List.of("made", "removed")))
                .body("items[1].who.kind", equalTo("system"));
        portal.asPortal()
                .get(besides.header("Location"))
                .then()
                .body("accounts", equalTo(List.of("service")))
                .body("version", equalTo(2));

        // And when it has been made again, an end that comes late does not end it again
        portal.staticAccountIs("team-bot", AccountState.READY, 3);
        await().atMost(SOON)
                .until(() ->
                        portal.assign("group", "Sales", "team-bot").extract().statusCode() != 422);
        portal.staticAccountIs("team-bot", AccountState.GONE, 2);
        portal.staticAccountIs("second-bot", AccountState.GONE, 1);
        portal.awaitAccounts(ADA, "[team-bot]");
        assertThat(portal.accountsOf(ADA)).contains("[team-bot]");
    }

    @Test
    void endOfARegistrationAndOfAPortalIsInTheHistoryAndNobodyIsKnownAfterwards() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.assign("user", ADA.value(), "service").statusCode(201);
        portal.awaitAccounts(ADA, "[service]");
        portal.awaitKnown(ADA);
        asAdmin()
                .contentType("text/csv")
                .body("kind;id;accounts\ngroup;Sales;service\n")
                .post(portal.assignmentsPath() + "/import?reason=Ada+asked+for+it")
                .then()
                .statusCode(200);

        portal.registrationIsGone();
        portal.awaitTombstone(ADA);
        asAdmin()
                .get(portal.path("/registrations/Main/history"))
                .then()
                .body(
                        "items.what",
                        equalTo(List.of("made", "made", "made", "made", "removed", "removed", "removed", "removed")))
                .body("items[2].principal.id", equalTo(ADA.value()));

        kafka.sendTombstone(Topics.PORTALS, portal.id.value());
        await().atMost(SOON)
                .untilAsserted(
                        () -> asAdmin().get(portal.path("/users/" + ADA)).then().statusCode(404));
        // The portal is unknown from the moment on in which its end is heard, and then all is forgotten.
        await().atMost(SOON).untilAsserted(() -> asAdmin()
                .get(portal.path("/registrations/Main/history"))
                .then()
                .body("items", hasSize(8))
                .body("items[2].principal.id", nullValue())
                .body("items.findAll { it.reason != null }", hasSize(0)));
        assertThat(count("select count(*) from assignment_import where portal_id = '%s'".formatted(portal.id)))
                .isZero();
    }
}
