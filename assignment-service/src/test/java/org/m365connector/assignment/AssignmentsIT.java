package org.m365connector.assignment;

import static io.restassured.RestAssured.given;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.Entitlement;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserRemoved;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.Topics;

@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class AssignmentsIT {
    private static final PortalUser ADA = TestPortal.user("ADA");
    private static final PortalUser BEN = TestPortal.user("BEN");

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

    // --- registrations

    @Test
    void registrationThatWasMadeGivesItsAdministratorTheServiceAccountBesidesHisOwn() throws Exception {
        // Given
        var portal = TestPortal.onboarded(kafka);
        portal.tellUser(ADA);

        // When
        portal.registrationIs(RegistrationState.COMPLETE, 1);

        // Then
        portal.awaitAccounts(portal.administrator, "[current-user], service");
        portal.awaitAccounts(AssignmentsRecord.DEFAULT, "[current-user]");
        portal.awaitAccounts(ADA, "[current-user]");
        portal.asPortal()
                .get(portal.assignmentsPath())
                .then()
                .statusCode(200)
                .body("items", hasSize(2))
                .body("items.principal.kind", hasItem("default"))
                .body("items.principal.id", hasItem(portal.administrator.value()))
                .body("next", nullValue());
    }

    @Test
    void whereOnlyPersonalAccountsComeInTheAdministratorHasHisOwnAsEverybodyHas() throws Exception {
        var portal = TestPortal.onboarded(kafka);
        portal.tellUser(portal.administrator);

        portal.sendRegistration(KafkaSide.event(
                RegistrationRecord.MADE,
                portal.registrationRecord(RegistrationState.COMPLETE, 1, AccountTypes.PERSONAL)));

        portal.awaitAccounts(portal.administrator, "[current-user]");
        portal.asPortal()
                .get(portal.assignmentsPath())
                .then()
                .statusCode(200)
                .body("items.principal.kind", equalTo(List.of("default")));
    }

    @Test
    void draftGivesNobodyAnything() throws Exception {
        var portal = TestPortal.onboarded(kafka);
        portal.registrationIs(RegistrationState.DRAFT, 1);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "");

        portal.registrationIs(RegistrationState.COMPLETE, 2);

        portal.awaitAccounts(ADA, "[current-user]");
    }

    @Test
    void whoAssignsBeforeTheNewsOfTheRegistrationHasArrivedIsNotToldThatItIsUnknown() throws Exception {
        var registrar = Executors.newSingleThreadExecutor();
        var statuses = new ArrayList<Integer>();
        try {
            for (var i = 0; i < 3; i++) {
                var portal = TestPortal.onboarded(kafka);

                // When it is assigned first, and told of meanwhile
                var assigned = registrar.submit(() ->
                        portal.assign("group", "Sales", "service").extract().statusCode());
                portal.registrationIs(RegistrationState.COMPLETE, 1);

                // Then, unless the news takes longer than it is waited for
                statuses.add(assigned.get());
                if (assigned.get() == 404) {
                    await().atMost(SOON).untilAsserted(() -> portal.assign("group", "Sales", "service")
                            .statusCode(201));
                }
                portal.awaitAccounts(portal.administrator, "[current-user], service");
                portal.asPortal().get(portal.assignmentsPath()).then().body("items", hasSize(3));
            }
            assertThat(statuses).contains(201).isSubsetOf(201, 404);
        } finally {
            registrar.shutdown();
        }
    }

    @Test
    void redeliveredRegistrationIsInitialisedOnce() throws Exception {
        // Given a registration whose administrator's assignment was taken away by hand
        var portal = TestPortal.onboarded(kafka);
        var made = KafkaSide.event(RegistrationRecord.MADE, portal.registrationRecord(RegistrationState.COMPLETE, 1));
        portal.sendRegistration(made);
        portal.awaitAccounts(portal.administrator, "[current-user], service");
        var id = portal.asPortal()
                .queryParam("kind", "user")
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(1))
                .extract()
                .<String>path("items[0].id");
        asAdmin()
                .header("If-Match", "*")
                .queryParam("force", true)
                .delete(portal.assignmentsPath() + "/" + id)
                .then()
                .statusCode(204);
        portal.awaitTombstone(portal.administrator);

        // When the event comes again, then the same state as another event, then a newer state
        portal.sendRegistration(made);
        portal.registrationIs(RegistrationState.COMPLETE, 1);
        portal.registrationIs(RegistrationState.COMPLETE, 2);
        var marker = TestPortal.registered(kafka);

        // Then
        assertThat(marker.accountsOf(marker.administrator)).isPresent();
        portal.registrationIs(RegistrationState.COMPLETE, 3);
        portal.tellUser(BEN);
        portal.awaitAccounts(BEN, "[current-user]");
        portal.asPortal().get(portal.assignmentsPath()).then().body("items", hasSize(1));
        assertThat(kafka.seen(portal.recordKey(portal.administrator))).hasSize(2);
    }

    @Test
    void registrationThatEndsTakesItsAssignmentsWithIt() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");

        // While it is being taken down, services still act as somebody
        portal.registrationIs(RegistrationState.ENDING, 2);
        portal.tellUser(BEN);
        portal.awaitAccounts(BEN, "[current-user]");
        assertThat(portal.accountsOf(ADA)).contains("[current-user]");

        portal.registrationIsGone();

        portal.awaitTombstone(ADA);
        portal.awaitTombstone(portal.administrator);
        portal.awaitTombstone(AssignmentsRecord.DEFAULT);
        asAdmin()
                .get(portal.assignmentsPath())
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/registration-unknown"));
        portal.assign("user", ADA.value(), "service").statusCode(404);

        // And one of the same name that is made later begins from the beginning
        portal.registrationIs(RegistrationState.COMPLETE, 3);
        portal.awaitAccounts(ADA, "[current-user]");
        portal.awaitAccounts(portal.administrator, "[current-user], service");
    }

    // --- users

    @Test
    void redeliveredUserEventIsAppliedOnce() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.assign("group", "Sales", "service").statusCode(201);
        var inSales = portal.userEvent(ADA, List.of("Sales"), List.of());
        portal.tellUser(ADA, inSales);
        portal.awaitAccounts(ADA, "[service]");
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");

        portal.tellUser(ADA, inSales);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of(), List.of("marks the end")));

        await().atMost(SOON)
                .until(
                        () -> asAdmin()
                                .get(portal.path("/users/" + ADA))
                                .then()
                                .extract()
                                .<List<String>>path("roles"),
                        List.of("marks the end")::equals);
        assertThat(kafka.seen(portal.recordKey(ADA))).hasSize(2);
    }

    @Test
    void whatIsToldOfAUserTakesEffectInItsOrderHoweverFastItComes() throws Exception {
        var portal = TestPortal.registered(kafka);
        var told = IntStream.range(0, 200)
                .mapToObj(i -> portal.userEvent(ADA, List.of("G" + i), List.of("R" + i)))
                .toList();
        kafka.sendAll(portal.usersTopic(), ADA.value(), told);
        await().atMost(SOON).until(() -> heard(portal), heard -> heard == 200);

        portal.asPortal()
                .get(portal.path("/users/" + ADA))
                .then()
                .body("groups", equalTo(List.of("G199")))
                .body("roles", equalTo(List.of("R199")));
    }

    @Test
    void removedUserLeavesATombstoneHoweverThePortalTellsIt() throws Exception {
        var portal = TestPortal.registered(kafka);
        var clara = TestPortal.user("CLARA");
        for (var user : List.of(ADA, BEN, clara)) {
            asAdmin().body("{}").put(portal.path("/users/" + user)).then().statusCode(200);
            portal.assign("user", user.value(), "service").statusCode(201);
            portal.awaitAccounts(user, "[service]");
        }

        kafka.send(
                portal.usersTopic(), ADA.value(), KafkaSide.event(PortalUserRemoved.TYPE, new PortalUserRemoved(ADA)));
        kafka.sendTombstone(portal.usersTopic(), BEN.value());
        portal.asPortal().delete(portal.path("/users/" + clara)).then().statusCode(204);

        for (var user : List.of(ADA, BEN, clara)) {
            portal.awaitTombstone(user);
            asAdmin()
                    .get(portal.path("/users/" + user))
                    .then()
                    .statusCode(404)
                    .body("type", equalTo("/problems/portal-user-unknown"));
        }
        asAdmin().get(portal.assignmentsPath()).then().body("items", hasSize(2));

        // And who comes again begins again, with a newer version
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");
    }

    @Test
    void usersToldByRestHaveTheSameEffect() throws Exception {
        var portal = TestPortal.registered(kafka);

        portal.asPortal()
                .body(Map.of("fields", Map.of("emailBiz", "ada@contoso.example"), "groups", List.of("Sales")))
                .put(portal.path("/users/" + ADA))
                .then()
                .statusCode(200)
                .body("portalUser", equalTo(ADA.value()))
                .body("fields.emailBiz", equalTo("ada@contoso.example"));

        portal.awaitAccounts(ADA, "[current-user]");
        asAdmin().get(portal.path("/users/" + ADA)).then().statusCode(200).body("groups", equalTo(List.of("Sales")));
    }

    @Test
    void whatRestCallsSaidBeforeComesBackFromTheTopicWithoutUndoingWhatTheyDidSince() throws Exception {
        // Given a user whose group decides what he may use
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");
        portal.assign("group", "Sales", "service").statusCode(201);
        portal.assign("group", "Last", "current-user", "service").statusCode(201);

        // When he comes and goes, quicker than what was said comes back from the topic
        var expected = new ArrayList<>(List.of("current-user"));
        for (var i = 0; i < 5; i++) {
            belongsTo(portal, "Sales");
            belongsTo(portal);
            expected.addAll(List.of("service", "current-user"));
        }
        awaitUserEvents(portal, 11);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Last"), List.of()));
        portal.awaitAccounts(ADA, "[current-user], service");

        // Then he had each right once, and the topic's last word counts
        expected.add("current-user+service");
        assertThat(kafka.seen(portal.recordKey(ADA)).stream()
                        .map(seen -> seen.record().orElseThrow().accounts().stream()
                                .map(held -> held.account().value())
                                .collect(joining("+"))))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void aUserRemovedByRestDoesNotComeBackForAMoment() throws Exception {
        var portal = TestPortal.registered(kafka);
        for (var i = 0; i < 3; i++) {
            belongsTo(portal, "Sales");
            portal.asPortal().delete(portal.path("/users/" + ADA)).then().statusCode(204);
        }
        // A marker behind everything that comes back.
        awaitUserEvents(portal, 6);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Last"), List.of()));
        await().atMost(SOON).until(() -> kafka.seen(portal.recordKey(ADA)).size() >= 7);

        assertThat(kafka.seen(portal.recordKey(ADA)).stream()
                        .map(seen -> seen.record().isPresent()))
                .containsExactly(true, false, true, false, true, false, true);
    }

    /** Everything that calls said has been put on the topic. */
    private long heard(TestPortal portal) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row =
                        statement.executeQuery("select count(*) from inbox where portal = '%s'".formatted(portal.id))) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void awaitUserEvents(TestPortal portal, int count) {
        await().atMost(SOON).until(() -> kafka.read(portal.usersTopic()).size() == count);
    }

    private static void belongsTo(TestPortal portal, String... groups) {
        asAdmin()
                .body(Map.of("groups", List.of(groups)))
                .put(portal.path("/users/" + ADA))
                .then()
                .statusCode(200);
    }

    @Test
    void malformedEventIsPutAsideAndTheNextIsProcessed() throws Exception {
        var portal = TestPortal.registered(kafka);
        kafka.sendRaw(portal.usersTopic(), ADA.value(), "not an event".getBytes(StandardCharsets.UTF_8));
        kafka.send(
                portal.usersTopic(), ADA.value(), KafkaSide.event("portal-user-changed.v1", Map.of("fields", "text")));
        kafka.send(portal.usersTopic(), ADA.value(), portal.userEvent(BEN, List.of(), List.of()));
        kafka.send(portal.usersTopic(), ADA.value(), portal.userEvent(ADA, List.of("with\0NUL"), List.of()));
        kafka.send(portal.usersTopic(), "default", portal.userEvent(AssignmentsRecord.DEFAULT, List.of(), List.of()));
        kafka.send(portal.usersTopic(), ADA.value(), KafkaSide.event("something-else.v1", Map.of()));
        portal.tellUser(ADA);

        portal.awaitAccounts(ADA, "[current-user]");
        await().atMost(SOON)
                .until(() -> kafka.read(Topics.deadLetter(portal.usersTopic())).size() == 6);
        assertThat(portal.accountsOf(BEN)).isEmpty();
    }

    // --- assignments

    @Test
    void everyChangeOfAnAssignmentIsToldOnTheTopicInItsOrder() throws Exception {
        // Given
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");
        var id = portal.assign("user", ADA.value(), "service")
                .statusCode(201)
                .extract()
                .<String>path("id");
        portal.awaitAccounts(ADA, "[service]");

        // When it changes again and again, then each change is told. How soon is bench/run's to say.
        for (var account : List.of("current-user", "service", "current-user")) {
            asAdmin()
                    .header("If-Match", "*")
                    .body(Map.of("accounts", List.of(account)))
                    .put(portal.assignmentsPath() + "/" + id)
                    .then()
                    .statusCode(200);
            portal.awaitAccounts(ADA, "[" + account + "]");
        }
    }

    @Test
    void theMostSpecificRuleDecides() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Sales"), List.of("Editor")));
        portal.awaitAccounts(ADA, "[current-user]");
        assertThat(portal.ruleOf(ADA)).contains(new DecidingRule(DecidingRule.Kind.DEFAULT, Optional.empty()));

        portal.assign("role", "Editor", "service").statusCode(201);
        portal.awaitAccounts(ADA, "[service]");
        assertThat(portal.ruleOf(ADA)).contains(new DecidingRule(DecidingRule.Kind.ROLE, Optional.of("Editor")));
        portal.assign("group", "Sales", "service", "current-user").statusCode(201);
        portal.awaitAccounts(ADA, "[service], current-user");
        assertThat(portal.ruleOf(ADA)).contains(new DecidingRule(DecidingRule.Kind.GROUP, Optional.of("Sales")));
        var own = portal.assign("user", ADA.value(), "current-user", "service")
                .statusCode(201)
                .extract();
        portal.awaitAccounts(ADA, "[current-user], service");
        assertThat(portal.ruleOf(ADA)).contains(new DecidingRule(DecidingRule.Kind.USER, Optional.empty()));

        portal.asPortal()
                .queryParam("portalUser", ADA.value())
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200)
                .body("account", equalTo("current-user"))
                .body("loginMode", equalTo("browser"))
                .body("rule.id", equalTo(own.<String>path("id")))
                .body("rule.principal.kind", equalTo("user"))
                .body("rule.accounts", equalTo(List.of("current-user", "service")))
                .body("overridden.principal.kind", equalTo(List.of("group", "role", "default")))
                .body("overridden.why", equalTo(List.of("less-specific", "less-specific", "less-specific")))
                .body("problem", nullValue());
        portal.asPortal()
                .queryParam("portalUser", ADA.value())
                .queryParam("account", "service")
                .queryParam("operation", "POST /me/sendMail")
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200)
                .body("operation.possible", equalTo(false))
                .body("operation.instead", equalTo("/users/{id | userPrincipalName}/…"))
                .body("operation.alternatives", equalTo(List.of("current-user")))
                .body("problem", equalTo("app-only-not-supported"));
        portal.asPortal()
                .queryParam("portalUser", "NEWCOMER")
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200)
                .body("problem", equalTo("portal-user-unknown"))
                .body("onceKnown.principal.kind", equalTo("default"));
        portal.asPortal()
                .queryParam("portalUser", "default")
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200)
                .body("rule.principal.kind", equalTo("default"));

        asAdmin()
                .header("If-Match", own.header("ETag"))
                .delete(own.header("Location"))
                .then()
                .statusCode(204);
        portal.awaitAccounts(ADA, "[service], current-user");
        portal.tellUser(ADA, portal.userEvent(ADA, List.of(), List.of("Editor")));
        portal.awaitAccounts(ADA, "[service]");
    }

    @Test
    void anotherRuleIsToldThoughItGivesTheSame() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Sales"), List.of()));
        portal.awaitAccounts(ADA, "[current-user]");

        portal.assign("group", "Sales", "current-user").statusCode(201);

        await().atMost(SOON)
                .until(
                        () -> portal.ruleOf(ADA),
                        Optional.of(new DecidingRule(DecidingRule.Kind.GROUP, Optional.of("Sales")))::equals);
        assertThat(portal.accountsOf(ADA)).contains("[current-user]");
    }

    @Test
    void explanationSaysThatThePortalIsNotEntitledWhateverIsAssigned() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");

        portal.entitledTo(
                2,
                Optional.of(new Entitlement(
                        Optional.empty(), Optional.of(Instant.now()), Optional.empty(), Optional.empty())));

        await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                .queryParam("portalUser", ADA.value())
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200)
                .body("problem", equalTo("not-entitled"))
                .body("account", equalTo("current-user")));
    }

    @Test
    void defaultRuleReachesEverybodyWithoutAMoreSpecificOne() throws Exception {
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");
        var id = asAdmin()
                .queryParam("kind", "default")
                .get(portal.assignmentsPath())
                .then()
                .extract()
                .<String>path("items[0].id");

        asAdmin()
                .header("If-Match", "\"1\"")
                .body(Map.of("accounts", List.of("service", "current-user"), "default", "current-user"))
                .put(portal.assignmentsPath() + "/" + id)
                .then()
                .statusCode(200)
                .header("ETag", equalTo("\"2\""));
        portal.awaitAccounts(ADA, "service, [current-user]");
        portal.awaitAccounts(AssignmentsRecord.DEFAULT, "service, [current-user]");

        asAdmin()
                .header("If-Match", "\"2\"")
                .delete(portal.assignmentsPath() + "/" + id)
                .then()
                .statusCode(204);
        portal.awaitAccounts(ADA, "");
        portal.awaitAccounts(AssignmentsRecord.DEFAULT, "");
        portal.awaitAccounts(portal.administrator, "[current-user], service");
    }

    @Test
    void changeOfWhatSomebodyElseHasChangedIsRefused() throws Exception {
        var portal = TestPortal.registered(kafka);
        var made = portal.assign("user", ADA.value(), "service").statusCode(201).extract();
        var address = made.header("Location");
        var change = Map.of("accounts", List.of("current-user"));
        asAdmin()
                .header("If-Match", made.header("ETag"))
                .body(change)
                .put(address)
                .then()
                .statusCode(200);

        asAdmin()
                .header("If-Match", made.header("ETag"))
                .body(change)
                .put(address)
                .then()
                .statusCode(412)
                .body("type", equalTo("/problems/precondition-failed"));
        asAdmin().header("If-Match", made.header("ETag")).delete(address).then().statusCode(412);
        asAdmin().body(change).put(address).then().statusCode(428);
        asAdmin().get(address).then().statusCode(200).header("ETag", equalTo("\"2\""));
    }

    @Test
    void ofTwoWhoChangeTheSameAtOnceOneIsRefused() throws Exception {
        var portal = TestPortal.registered(kafka);
        var made = portal.assign("user", ADA.value(), "service").statusCode(201).extract();
        var etag = made.header("ETag");
        for (var round = 0; round < 5; round++) {
            var version = etag;
            var change = Map.of("accounts", List.of(round % 2 == 0 ? "current-user" : "service"));
            assertThat(twiceAtOnce(each -> asAdmin()
                            .header("If-Match", version)
                            .body(change)
                            .put(made.header("Location"))
                            .statusCode()))
                    .as("changes of the same version")
                    .containsExactlyInAnyOrder(200, 412);
            etag = asAdmin().get(made.header("Location")).header("ETag");
        }
        for (var account : Map.of("user", "service", "group", "current-user").entrySet()) {
            assertThat(twiceAtOnce(each -> portal.assign(account.getKey(), BEN.value(), account.getValue())
                            .extract()
                            .statusCode()))
                    .as("assignments of one %s", account.getKey())
                    .containsExactlyInAnyOrder(201, 409);
        }

        // And of the last two administrators both must not go because each relies on the other
        var administrators = asAdmin()
                .queryParam("account", "service")
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(2))
                .extract()
                .<List<String>>path("items.id");
        assertThat(twiceAtOnce(each -> asAdmin()
                        .header("If-Match", "*")
                        .delete(portal.assignmentsPath() + "/" + administrators.get(each))
                        .statusCode()))
                .containsExactlyInAnyOrder(204, 409);
        var last = asAdmin()
                .queryParam("account", "service")
                .get(portal.assignmentsPath())
                .then()
                .body("items", hasSize(1))
                .extract()
                .<String>path("items[0].id");
        asAdmin()
                .header("If-Match", "*")
                .queryParam("force", true)
                .body(Map.of("accounts", List.of("current-user")))
                .put(portal.assignmentsPath() + "/" + last)
                .then()
                .statusCode(200);
    }

    private static List<Integer> twiceAtOnce(IntUnaryOperator call) throws Exception {
        var threads = Executors.newFixedThreadPool(2);
        try {
            var both = List.of(threads.submit(() -> call.applyAsInt(0)), threads.submit(() -> call.applyAsInt(1)));
            return List.of(both.get(0).get(), both.get(1).get());
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void whatIsWrongWithARequestIsSaidInItsLanguage() throws Exception {
        var portal = TestPortal.registered(kafka);

        portal.assign("user", ADA.value(), "no-such-account")
                .statusCode(422)
                .contentType("application/problem+json")
                .header("X-M365-Problem", "account-unknown")
                .body("type", equalTo("/problems/account-unknown"))
                .body("account", equalTo("no-such-account"))
                .body("detail", containsString("no static account no-such-account"));
        // Another portal has one of that name.
        var other = TestPortal.registered(kafka);
        other.staticAccountIs("no-such-account", AccountState.READY, 1);
        await().atMost(SOON).untilAsserted(() -> other.assign("user", ADA.value(), "no-such-account")
                .statusCode(201));
        portal.assign("user", ADA.value(), "no-such-account").statusCode(422);
        asAdmin()
                .header("Accept-Language", "de-DE, en;q=0.5")
                .body(TestPortal.body("user", ADA.value(), "no account"))
                .post(portal.assignmentsPath())
                .then()
                .statusCode(422)
                .body("detail", containsString("Namen eines statischen Kontos"));
        portal.assign("team", "x", "service").statusCode(422).body("type", equalTo("/problems/principal-invalid"));
        portal.assign("default", "", "service").statusCode(409).body("type", equalTo("/problems/assignment-exists"));
        asAdmin()
                .body("{")
                .post(portal.assignmentsPath())
                .then()
                .statusCode(400)
                .body("type", equalTo("/problems/invalid-request"));
        asAdmin().post(portal.assignmentsPath()).then().statusCode(400);
        asAdmin()
                .get(portal.assignmentsPath() + "/" + UUID.randomUUID())
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/assignment-unknown"));
        asAdmin()
                .get(portal.path("/registrations/Other/assignments"))
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/registration-unknown"));
        asAdmin()
                .get(portal.path("/registrations/not-valid/assignments"))
                .then()
                .statusCode(404);
        asAdmin().queryParam("limit", 0).get(portal.assignmentsPath()).then().statusCode(400);
        asAdmin()
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(400)
                .body("parameter", equalTo("portalUser"));
        asAdmin()
                .body("{}")
                .put("/api/portals/unheard-of/users/" + ADA)
                .then()
                .statusCode(404)
                .body("type", equalTo("/problems/portal-unknown"));
        asAdmin().body("{}").put(portal.path("/users/default")).then().statusCode(422);
        asAdmin()
                .body("{\"groups\":[\"a\\u0000\"]}")
                .put(portal.path("/users/" + ADA))
                .then()
                .statusCode(400);
    }

    @Test
    void staticAccountMayBeAssignedAsSoonAsItExistsAlsoBeforeItsLogin() throws Exception {
        // Its news is waited for, but not for ever: where the machine stops Kafka for longer, another portal shows it.
        var statuses = new ArrayList<Integer>();
        TestPortal portal;
        do {
            portal = TestPortal.registered(kafka);
            portal.staticAccountIs("portal-account", AccountState.NEEDS_LOGIN, 1);
            statuses.add(portal.assign("user", ADA.value(), "portal-account")
                    .extract()
                    .statusCode());
        } while (!statuses.contains(201) && statuses.size() < 3);

        assertThat(statuses).contains(201).isSubsetOf(201, 422);
        portal.awaitAccounts(ADA, "[portal-account]");
    }

    @Test
    void userWhomOnlyAnAssignmentNamesIsKnownAsLongAsItStands() throws Exception {
        var portal = TestPortal.registered(kafka);
        var made = portal.assign("user", ADA.value(), "service").statusCode(201).extract();
        portal.awaitAccounts(ADA, "[service]");

        asAdmin().header("If-Match", "*").delete(made.header("Location")).then().statusCode(204);

        portal.awaitTombstone(ADA);
        portal.asPortal()
                .queryParam("portalUser", ADA.value())
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200)
                .body("problem", equalTo("portal-user-unknown"))
                .body("account", nullValue());
    }

    @Test
    void listComesInPages() throws Exception {
        var portal = TestPortal.registered(kafka);
        for (var i = 0; i < 5; i++) {
            portal.assign("group", "Group " + i, "service").statusCode(201);
        }
        var ids = new HashSet<String>();
        String after = null;
        for (var page = 0; page < 3; page++) {
            var request = asAdmin().queryParam("limit", 3);
            if (after != null) {
                request.queryParam("after", after);
            }
            var answer =
                    request.get(portal.assignmentsPath()).then().statusCode(200).extract();
            ids.addAll(answer.<List<String>>path("items.id"));
            after = answer.path("next");
        }
        assertThat(ids).hasSize(7);
        assertThat(after).isNull();
    }

    @Test
    void keysOpenWhatTheyAreFor() throws Exception {
        var portal = TestPortal.registered(kafka);
        var other = TestPortal.onboarded(kafka);
        var body = TestPortal.body("user", ADA.value(), "service");

        given().get(portal.assignmentsPath()).then().statusCode(401).body("type", equalTo("/problems/unauthorized"));
        TestPortal.with("wrong-key-0123456789")
                .get(portal.assignmentsPath())
                .then()
                .statusCode(401);
        TestPortal.with("wrong-key-0123456789")
                .put(portal.path("/users/" + ADA))
                .then()
                .statusCode(401);
        given().header("X-API-Key", portal.key)
                .get(portal.assignmentsPath())
                .then()
                .statusCode(200);
        other.asPortal().get(portal.assignmentsPath()).then().statusCode(403);
        portal.asPortal().body(body).post(portal.assignmentsPath()).then().statusCode(403);
        asAdmin().body(body).post(portal.assignmentsPath()).then().statusCode(201);
    }

    @Test
    void versionsRiseInTheOrderOfCommitsWhenEverybodyChangesAtOnce() throws Exception {
        // Given
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.awaitAccounts(ADA, "[current-user]");
        var made = portal.assign("group", "Sales", "service").statusCode(201).extract();

        // When a group's accounts and a user's membership change at the same time, over and over
        var threads = Executors.newFixedThreadPool(4);
        var work = new ArrayList<Future<?>>();
        for (var i = 0; i < 20; i++) {
            var accounts = i % 2 == 0 ? List.of("service") : List.of("service", "current-user");
            var groups = i % 3 == 0 ? List.of() : List.of("Sales");
            work.add(threads.submit(() -> asAdmin()
                    .header("If-Match", "*")
                    .body(Map.of("accounts", accounts))
                    .put(made.header("Location"))
                    .then()
                    .statusCode(200)));
            work.add(threads.submit(() -> asAdmin()
                    .body(Map.of("groups", groups))
                    .put(portal.path("/users/" + ADA))
                    .then()
                    .statusCode(200)));
        }
        for (var task : work) {
            task.get();
        }
        threads.shutdown();

        // Then readers end with what the rules say, and never saw a version go back
        var expected = asAdmin()
                .queryParam("portalUser", ADA.value())
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .extract()
                .<List<String>>path("available");
        portal.awaitAccounts(ADA, "[" + expected.get(0) + "]" + (expected.size() > 1 ? ", " + expected.get(1) : ""));
        // The last records may still be on their way to this reader.
        await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> {
            var versions = kafka.seen(portal.recordKey(ADA)).stream()
                    .map(change -> change.record().orElseThrow().version())
                    .toList();
            assertThat(versions).isSorted().doesNotHaveDuplicates();
            var onTopic = kafka.read(Topics.ASSIGNMENTS).stream()
                    .filter(record -> record.key().equals(portal.recordKey(ADA)))
                    .count();
            assertThat(onTopic).isEqualTo(versions.size());
        });
    }

    // --- the service itself

    @Test
    void serviceSaysHowItIsAndWhatItOffers() {
        given().get("/q/health/ready").then().statusCode(200).body("checks.name", hasItem("views of compacted topics"));
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString("m365_view_age_seconds{topic=\"m365.accounts\"}"));
        given().accept("application/json")
                .get("/q/openapi")
                .then()
                .statusCode(200)
                .body(
                        "paths.keySet()",
                        hasItem(startsWith("/api/portals/{portal}/registrations/{registration}/assignments")));
        given().get("/problems/account-unknown").then().statusCode(200).body(not(containsString("{0}")));
    }
}
