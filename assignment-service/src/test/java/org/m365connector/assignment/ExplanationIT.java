package org.m365connector.assignment;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.m365connector.assignment.TestPortal.SOON;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;

/** What would act, and why, of users to whom a change is on its way and of calls that need a second look. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class ExplanationIT {
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
    void whatIsObeyedAndWhatComesAreSaidWhileAChangeForManyIsOnItsWay() throws Exception {
        // Given a rule that has not come to its members
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Sales"), List.of()));
        portal.awaitAccounts(ADA, "[current-user]");
        execute("""
                insert into assignment (id, portal_id, registration, principal_kind, principal_id, accounts,
                  default_account, version, changed_at, narrowing)
                values (gen_random_uuid(), '%s', 'Main', 'GROUP', 'Sales', '{service}', 'service', 1, now(),
                  '{"service":{"mailbox":"own"}}')""".formatted(portal.id));

        explain(portal, "account", "service")
                .body("problem", equalTo("account-not-assigned"))
                .body("available", equalTo(List.of("current-user")))
                .body("rule.principal.id", equalTo("Sales"))
                .body("pending.account", equalTo("service"))
                .body("pending.available", equalTo(List.of("service")))
                .body("pending.narrowing.mailbox", equalTo("own"))
                .body("pending.problem", nullValue());

        // When it has
        execute("""
                insert into recalculation (portal_id, registration, principal_kind, principal_id, requested_at)
                values ('%s', 'Main', 'GROUP', 'Sales', now())""".formatted(portal.id));

        await().atMost(SOON).untilAsserted(() -> explain(portal, "account", "service")
                .body("account", equalTo("service"))
                .body("problem", nullValue())
                .body("narrowing.toldUpn", equalTo("somebody@contoso.example"))
                .body("pending", nullValue()));
        portal.awaitAccounts(ADA, "[service]");
    }

    @Test
    void ownMailboxIsExplainedAsTheProxyTakesIt() throws Exception {
        var portal = TestPortal.registered(kafka);
        var admin = portal.administrator;
        kafka.send(
                portal.usersTopic(),
                admin.value(),
                KafkaSide.event(
                        PortalUserChanged.TYPE,
                        new PortalUserChanged(admin, Map.of("emailBiz", "ben@contoso.example"), List.of(), List.of())));
        portal.awaitToldUpn(admin, "ben@contoso.example");
        explainMail(portal, admin, "ben@contoso.example")
                .body("narrowing.mailbox", equalTo("own"))
                .body("mailboxNames", contains("ben@contoso.example"))
                .body("operation.allowed", equalTo(true));

        portal.signedIn(admin, "ada@contoso.example", "0b1e5f00-0000-4000-8000-00000000ada0");

        await().atMost(SOON).untilAsserted(() -> explainMail(portal, admin, "ben@contoso.example")
                .body("operation.allowed", equalTo(false))
                .body("operation.narrowedBy", equalTo("mailbox"))
                .body("operation.instead", equalTo("ada@contoso.example"))
                .body("mailboxNames", contains("0b1e5f00-0000-4000-8000-00000000ada0", "ada@contoso.example")));
        explainMail(portal, admin, "ada@contoso.example").body("operation.allowed", equalTo(true));
    }

    @Test
    void addressesThatTheProxyRefusesAndBatchesAreSaidToBe() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");

        for (var asked : List.of("GET /users/../me", "GET //me", "GET /me%2Fmessages", "GET /v2.0/me")) {
            explain(portal, "operation", asked)
                    .body("problem", equalTo("path-not-allowed"))
                    .body("operation.possible", equalTo(false));
        }
        explain(portal, "operation", "POST /$batch")
                .body("problem", nullValue())
                .body("operation.eachInside", equalTo(true));
    }

    private static ValidatableResponse explain(TestPortal portal, String parameter, String value) {
        return portal.asPortal()
                .queryParam("portalUser", ADA.value())
                .queryParam(parameter, value)
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200);
    }

    private static ValidatableResponse explainMail(TestPortal portal, PortalUser user, String mailbox) {
        return portal.asPortal()
                .queryParam("portalUser", user.value())
                .queryParam("account", "service")
                .queryParam("operation", "GET /users/" + mailbox + "/messages")
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200);
    }

    private void execute(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
