package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.oneOf;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.PortalGroupChanged;
import org.m365connector.events.PortalGroupRemoved;
import org.m365connector.events.PortalRoleChanged;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;

/** Groups and roles as portals tell of them, and what follows for their members. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class GroupsIT {
    private static final PortalUser ADA = TestPortal.user("ADA");
    private static final PortalUser BEN = TestPortal.user("BEN");

    private static KafkaSide kafka;

    @BeforeAll
    static void connect() {
        kafka = new KafkaSide(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void disconnect() {
        kafka.close();
    }

    @Test
    void whoIsInAGroupHasWhatIsAssignedToTheGroupsThatItLiesIn() throws Exception {
        // Given
        var portal = TestPortal.registered(kafka);
        portal.assign("group", "Staff", "service").statusCode(201);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Berlin"), List.of()));
        portal.awaitAccounts(ADA, "[current-user]");

        // When groups are told of, in whatever order
        portal.tellGroup("Sales", 0, "Staff");
        portal.tellGroup("Berlin", 0, "Sales");
        portal.awaitAccounts(ADA, "[service]");

        // Then the nearest decides, but for priority
        portal.assign("group", "Berlin", "current-user", "service").statusCode(201);
        portal.awaitAccounts(ADA, "[current-user], service");
        portal.tellGroup("Staff", 1);
        portal.awaitAccounts(ADA, "[service]");
        portal.asPortal()
                .queryParam("portalUser", ADA.value())
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200)
                .body("rule.principal.id", equalTo("Staff"))
                .body("rule.priority", equalTo(1));

        // And one that is gone takes its assignment and what lay between with it
        kafka.send(
                portal.usersTopic(),
                PortalGroupChanged.key("Berlin"),
                KafkaSide.event(PortalGroupRemoved.TYPE, new PortalGroupRemoved("Berlin")));
        portal.awaitAccounts(ADA, "[current-user]");
        portal.asPortal()
                .queryParam("principal", "Berlin")
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(0));
    }

    @Test
    void groupsAndRolesToldByRestHaveTheSameEffect() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.asPortal()
                .body(Map.of("name", "Sales", "priority", 5, "memberOf", List.of("Staff")))
                .put(portal.path("/groups/Sales"))
                .then()
                .statusCode(200)
                .body("group", equalTo("Sales"))
                .body("priority", equalTo(5));
        portal.asPortal()
                .body(Map.of("name", "Editor"))
                .put(portal.path("/roles/Editor"))
                .then()
                .statusCode(200)
                .body("name", equalTo("Editor"));
        portal.assign("group", "Staff", "service").statusCode(201);
        portal.assign("role", "Editor", "service", "current-user").statusCode(201);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Sales"), List.of("Editor")));
        portal.awaitAccounts(ADA, "[service]");

        portal.asPortal().delete(portal.path("/groups/Sales")).then().statusCode(204);
        portal.awaitAccounts(ADA, "[service], current-user");
        portal.asPortal()
                .get(portal.path("/groups/Sales"))
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/group-unknown"));
        portal.asPortal().delete(portal.path("/roles/Editor")).then().statusCode(204);
        portal.awaitAccounts(ADA, "[current-user]");

        // What was said is on the topic, for the others who read it
        await().atMost(SOON).untilAsserted(() -> assertThat(kafka.read(portal.usersTopic()))
                .extracting(record -> record.key())
                .contains("group:Sales", "role:Editor"));
        assertThat(kafka.read(Topics.deadLetter(portal.usersTopic()))).isEmpty();
    }

    @Test
    void circlesAndChainsThatAreTooLongAreRefusedOrLeadNowhere() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.assign("group", "A", "service").statusCode(201);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("C"), List.of()));

        // Events may come in any order, so a circle is no mistake there
        portal.tellGroup("A", 0, "B");
        portal.tellGroup("B", 0, "C", "B");
        portal.tellGroup("C", 0, "A");
        portal.awaitAccounts(ADA, "[service]");
        for (var group : List.of("A", "B", "C")) {
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .get(portal.path("/groups/" + group))
                    .then()
                    .statusCode(200));
        }

        put(portal, "X", "X").statusCode(422).body("type", equalTo("/problems/group-within-itself"));
        put(portal, "C", "A").statusCode(422);
        for (var level = 0; level < 10; level++) {
            put(portal, "L" + level, "L" + (level + 1)).statusCode(200);
        }
        put(portal, "L10", "L11").statusCode(422).body("type", equalTo("/problems/groups-nested-too-deep"));
        put(portal, "L", "L0").statusCode(422);
        asAdmin()
                .body("{}")
                .put(portal.path("/groups/" + "g".repeat(201)))
                .then()
                .statusCode(404);
    }

    @Test
    void repeatedAndStrayEventsChangeNothing() throws Exception {
        var portal = TestPortal.registered(kafka);
        var editor = new PortalRoleChanged("Editor", Optional.of("Editor"));
        var role = KafkaSide.event(PortalRoleChanged.TYPE, editor);
        kafka.sendTombstone(portal.usersTopic(), "group:Never");
        kafka.send(portal.usersTopic(), "role:Editor", role);
        kafka.send(portal.usersTopic(), "role:Editor", role);
        kafka.send(portal.usersTopic(), "role:Another", KafkaSide.event(PortalRoleChanged.TYPE, editor));
        kafka.send(portal.usersTopic(), "group:", KafkaSide.event(PortalGroupChanged.TYPE, Map.of("group", "")));

        await().atMost(SOON)
                .until(() -> kafka.read(Topics.deadLetter(portal.usersTopic())).size() == 2);
        await().atMost(SOON)
                .untilAsserted(
                        () -> asAdmin().get(portal.path("/roles/Editor")).then().statusCode(200));
    }

    @Test
    void memberThatMeansNothingIsRefusedWithItsPlace() throws Exception {
        var portal = TestPortal.onboarded(kafka);
        var refused = Map.of(
                "/users/ADA", "{'fields':{},'emailBiz':'ada@contoso.example'}",
                "/groups/Sales", "{'priorty':7}",
                "/roles/Boss", "{'title':'Boss'}");
        refused.forEach((path, body) -> portal.asPortal()
                .body(body.replace('\'', '"'))
                .put(portal.path(path))
                .then()
                .statusCode(400)
                .body("type", equalTo("/problems/invalid-request"))
                .body("pointer", oneOf("/emailBiz", "/priorty", "/title")));
        refused.keySet()
                .forEach(path -> portal.asPortal().get(portal.path(path)).then().statusCode(404));
        portal.asPortal()
                .body("{\"users\":[{\"portaluser\":\"ADA\"},{\"portaluser\":\"BEN\",\"roless\":[]}]}")
                .post(portal.path("/import"))
                .then()
                .statusCode(400)
                .body("pointer", equalTo("/users/1/roless"));
        // Whoever sends back what he was shown is not refused for it
        portal.asPortal()
                .body("{\"fields\":{\"emailBiz\":\"ada@contoso.example\"}}")
                .put(portal.path("/users/ADA"))
                .then()
                .statusCode(200);
        var shown = portal.asPortal()
                .get(portal.path("/users/ADA"))
                .then()
                .extract()
                .asString();
        portal.asPortal().body(shown).put(portal.path("/users/ADA")).then().statusCode(200);
    }

    @Test
    void manyAreToldInOneCall() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.assign("group", "Staff", "service").statusCode(201);

        portal.asPortal()
                .body(Map.of(
                        "groups", List.of(Map.of("group", "Sales", "memberOf", List.of("Staff"))),
                        "roles", List.of(Map.of("role", "Editor")),
                        "users",
                                List.of(
                                        Map.of("portaluser", BEN.value()),
                                        Map.of("portaluser", ADA.value(), "groups", List.of("Sales")))))
                .post(portal.path("/import"))
                .then()
                .statusCode(200)
                .body("groups", equalTo(1))
                .body("roles", equalTo(1))
                .body("users", equalTo(2));

        portal.awaitAccounts(ADA, "[service]");
        portal.awaitAccounts(BEN, "[current-user]");
        portal.asPortal()
                .body(Map.of("users", List.of(Map.of("portaluser", "CLARA"), Map.of("portaluser", "with space"))))
                .post(portal.path("/import"))
                .then()
                .statusCode(400)
                .body("parameter", equalTo("users[1]"));
        asAdmin().get(portal.path("/users/CLARA")).then().statusCode(404);
    }

    private static ValidatableResponse put(TestPortal portal, String group, String memberOf) {
        return asAdmin()
                .body(Map.of("memberOf", List.of(memberOf)))
                .put(portal.path("/groups/" + group))
                .then();
    }
}
