package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;

/** What an assignment leaves of an account's power, and how readers are told. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class NarrowingIT {
    private static final PortalUser ADA = TestPortal.user("ADA");

    private static KafkaSide kafka;

    @Inject
    DataSource database;

    @BeforeAll
    static void connect() {
        kafka = new KafkaSide(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void disconnect() {
        kafka.close();
    }

    @Test
    void administratorsServiceAccountOpensHisOwnMailboxUntilSomebodyWidensIt() throws Exception {
        // Given
        var portal = TestPortal.registered(kafka);
        portal.awaitMailbox(portal.administrator, "own");
        var assigned = asAdmin()
                .queryParam("kind", "user")
                .get(portal.assignmentsPath())
                .then()
                .body("items[0].narrowing.service.mailbox", equalTo("own"))
                .extract()
                .<String>path("items[0].id");

        // When the portal tells who he is, then who he is now
        tellWithField(portal, portal.administrator, "emailBiz", "admin@contoso.example");
        portal.awaitToldUpn(portal.administrator, "admin@contoso.example");
        tellWithField(portal, portal.administrator, "emailBiz", "admin.new@contoso.example");
        portal.awaitToldUpn(portal.administrator, "admin.new@contoso.example");

        // And when he gets another account, which is no word about the mailbox
        asAdmin()
                .header("If-Match", "*")
                .body(Map.of("accounts", List.of("service", "current-user")))
                .put(portal.assignmentsPath() + "/" + assigned)
                .then()
                .statusCode(200)
                .body("narrowing.service.mailbox", equalTo("own"));
        portal.awaitAccounts(portal.administrator, "[service], current-user");
        portal.awaitToldUpn(portal.administrator, "admin.new@contoso.example");

        // Then only an explicit word widens it
        asAdmin()
                .header("If-Match", "*")
                .body(Map.of("accounts", List.of("service"), "narrowing", Map.of()))
                .put(portal.assignmentsPath() + "/" + assigned)
                .then()
                .statusCode(200)
                .body("narrowing", nullValue());
        portal.awaitAccounts(portal.administrator, "[service]");
        assertThat(portal.narrowingOf(portal.administrator)).isEmpty();
    }

    @Test
    void whereTheRegistrationTakesTheUserPrincipalNameFromCounts() throws Exception {
        var portal = TestPortal.registered(kafka);
        kafka.send(
                portal.usersTopic(),
                portal.administrator.value(),
                KafkaSide.event(
                        PortalUserChanged.TYPE,
                        new PortalUserChanged(
                                portal.administrator,
                                Map.of("emailBiz", "biz@contoso.example", "login", "login@contoso.example"),
                                List.of(),
                                List.of())));
        portal.awaitToldUpn(portal.administrator, "biz@contoso.example");

        portal.sendRegistration(KafkaSide.event(
                RegistrationRecord.CHANGED,
                portal.registrationRecord(RegistrationState.COMPLETE, 2, AccountTypes.BOTH, "login")));

        portal.awaitToldUpn(portal.administrator, "login@contoso.example");
    }

    @Test
    void recordsFromBeforeThatSayTheOwnMailboxByItsNameAreSaidAnew() throws Exception {
        // Given a user who was told before
        var portal = TestPortal.registered(kafka);
        tellWithField(portal, portal.administrator, "emailBiz", "admin@contoso.example");
        portal.awaitToldUpn(portal.administrator, "admin@contoso.example");
        var said = kafka.seen(portal.recordKey(portal.administrator)).size();
        var row = " where portal_id = '" + portal.id + "' and portal_user = '" + portal.administrator + "'";
        execute("update effective_assignments set narrowing = '{\"service\":{\"mailbox\":\"admin@contoso.example\"}}'"
                + row);

        // When the service is brought up to date
        try (var migration = getClass().getResourceAsStream("/db/migration/V6__own_mailbox_is_said_as_such.sql")) {
            execute(new String(migration.readAllBytes(), StandardCharsets.UTF_8));
        }

        // Then
        await().atMost(SOON)
                .until(() -> kafka.seen(portal.recordKey(portal.administrator)).size() > said);
        portal.awaitToldUpn(portal.administrator, "admin@contoso.example");
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void narrowingOfTheRuleThatDecidesCountsAlone() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Sales"), List.of("Editor")));
        var operations = List.of(Map.of("method", "GET", "path", "/users/{id}/messages/**"));

        assign(portal, "role", "Editor", Map.of("mailbox", "none", "teams", List.of("t1")));
        awaitNarrowing(
                portal,
                new Narrowing(Optional.empty(), Optional.of("none"), Optional.of(List.of("t1")), Optional.empty()));
        assign(portal, "group", "Sales", Map.of("operations", operations, "mailbox", "own"));
        awaitNarrowing(
                portal,
                new Narrowing(
                        Optional.of(List.of(new Narrowing.Operation("GET", "/users/{id}/messages/**"))),
                        Optional.of("own"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("somebody@contoso.example")));
        asAdmin()
                .body(Map.of(
                        "principal",
                        Map.of("kind", "user", "id", ADA.value()),
                        "accounts",
                        List.of("current-user"),
                        "narrowing",
                        Map.of("current-user", Map.of("mailbox", "own"))))
                .post(portal.assignmentsPath())
                .then()
                .statusCode(422)
                .body("type", equalTo("/problems/narrowing-invalid"));
    }

    @Test
    void readersLearnWhomProcessesWithoutAUserRunAs() throws Exception {
        var portal = TestPortal.registered(kafka);
        var path = portal.path("/technical-user");
        portal.asPortal().get(path).then().statusCode(404).body("type", equalTo("/problems/technical-user-unknown"));
        asAdmin().body(Map.of("portalUser", ADA.value())).put(path).then().statusCode(404);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");

        asAdmin().body(Map.of("portalUser", ADA.value())).put(path).then().statusCode(200);
        awaitTechnicalUser(portal, Optional.of(ADA));
        portal.asPortal().get(path).then().statusCode(200).body("portalUser", equalTo(ADA.value()));
        asAdmin().delete(path).then().statusCode(204);
        awaitTechnicalUser(portal, Optional.empty());

        // And he ends with the user
        asAdmin().body(Map.of("portalUser", ADA.value())).put(path).then().statusCode(200);
        awaitTechnicalUser(portal, Optional.of(ADA));
        kafka.sendTombstone(portal.usersTopic(), ADA.value());
        awaitTechnicalUser(portal, Optional.empty());
        portal.asPortal().get(path).then().statusCode(404);
    }

    private static void tellWithField(TestPortal portal, PortalUser user, String field, String value) throws Exception {
        kafka.send(
                portal.usersTopic(),
                user.value(),
                KafkaSide.event(
                        PortalUserChanged.TYPE,
                        new PortalUserChanged(user, Map.of(field, value), List.of(), List.of())));
    }

    private static void assign(TestPortal portal, String kind, String id, Map<String, ?> narrowing) {
        asAdmin()
                .body(Map.of(
                        "principal",
                        Map.of("kind", kind, "id", id),
                        "accounts",
                        List.of("service"),
                        "narrowing",
                        Map.of("service", narrowing)))
                .post(portal.assignmentsPath())
                .then()
                .statusCode(201);
    }

    private static void awaitNarrowing(TestPortal portal, Narrowing expected) {
        await().atMost(SOON).until(() -> portal.narrowingOf(ADA), Optional.of(expected)::equals);
    }

    private static void awaitTechnicalUser(TestPortal portal, Optional<PortalUser> expected) {
        await().atMost(SOON)
                .until(
                        () -> kafka.assignments(portal.recordKey(AssignmentsRecord.DEFAULT))
                                .flatMap(AssignmentsRecord::technicalUser),
                        expected::equals);
    }
}
