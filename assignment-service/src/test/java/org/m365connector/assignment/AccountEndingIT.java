package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.m365connector.assignment.ManyAssignments.IN_THE_MIDDLE;
import static org.m365connector.assignment.ManyAssignments.LAST;
import static org.m365connector.assignment.ManyAssignments.MANY;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;
import org.m365connector.view.Views;

/** Accounts that end and have more assignments than can be ended at once. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class AccountEndingIT {

    private static KafkaSide kafka;

    @Inject
    AgroalDataSource database;

    @Inject
    Views known;

    private ManyAssignments many;

    @BeforeAll
    static void connect() {
        kafka = new KafkaSide(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void disconnect() {
        kafka.close();
    }

    @BeforeEach
    void with() {
        many = new ManyAssignments(database, kafka);
    }

    @Test
    void accountThatEndsIsGivenToNobodyAtOnceAndLeavesItsAssignmentsInSteps() throws Exception {
        // Given an account that half of many have as their default and the others besides, and somebody who holds on to
        // one
        // of them, so that the end cannot come to all
        var portal = many.registered();
        portal.assign("group", "Everybody", "team-bot").statusCode(201);
        var end = KafkaSide.event(AccountRecord.TYPE, portal.staticAccount("team-bot", AccountState.GONE, 2));
        try (var holder = many.held(portal, IN_THE_MIDDLE)) {

            // When it ends
            portal.sendStaticAccount("team-bot", end);

            // Then nothing speaks of it any more
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .queryParam("account", "team-bot")
                    .queryParam("limit", 1)
                    .get(portal.assignmentsPath())
                    .then()
                    .body("items", empty()));
            asAdmin()
                    .queryParam("limit", 1000)
                    .get(portal.assignmentsPath())
                    .then()
                    .body("items", hasSize(1000))
                    .body("items.accounts.flatten()", not(hasItem("team-bot")));
            asAdmin()
                    .get(portal.assignmentsPath() + "/export")
                    .then()
                    .statusCode(200)
                    .body(containsString("M01999"), not(containsString("M02000")), not(containsString("team-bot")));
            asAdmin()
                    .get(portal.assignmentsPath() + "/" + many.idOf(portal, IN_THE_MIDDLE))
                    .then()
                    .statusCode(404);
            asAdmin()
                    .queryParam("portalUser", IN_THE_MIDDLE.value())
                    .get(portal.path("/registrations/Main/explain"))
                    .then()
                    .statusCode(200)
                    .body("account", nullValue())
                    .body("available", not(hasItem("team-bot")));
            portal.assign("user", "NEWCOMER", "team-bot").statusCode(422);

            // And those who change something meanwhile wait for a step at most, also whoever changes what all share, or
            // has the
            // account still
            portal.assign("user", "NEWCOMER", "service").statusCode(201).time(lessThan(15_000L));
            portal.assign("group", "Sales", "service").statusCode(201).time(lessThan(15_000L));
            portal.assign("user", LAST.value(), "current-user").statusCode(201).time(lessThan(15_000L));
            var another = portal.assignmentsPath() + "/" + many.idOf(portal, Members.of(MANY - 1));
            var shown = asAdmin()
                    .get(another)
                    .then()
                    .statusCode(200)
                    .body("accounts", equalTo(List.of("service")))
                    .extract();
            asAdmin()
                    .header("If-Match", shown.header("ETag"))
                    .body(Map.of("accounts", List.of("service", "current-user")))
                    .put(another)
                    .then()
                    .statusCode(200)
                    .body("version", equalTo(shown.<Integer>path("version") + 1));
            portal.awaitAccounts(Members.of(MANY - 1), "[service], current-user");
            portal.awaitAccounts(new PortalUser("NEWCOMER"), "[service]");
            portal.awaitAccounts(LAST, "[current-user]");

            // And how far it is can be seen
            await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                    .get(portal.path("/endings"))
                    .then()
                    .statusCode(200)
                    .body("items[0].registration", equalTo("Main"))
                    .body("items[0].account", equalTo("team-bot"))
                    .body("items[0].assignmentsDone", allOf(greaterThan(0), lessThan(MANY)))
                    .body("items[0].assignmentsTotal", equalTo(MANY + 1)));
            portal.sendStaticAccount("team-bot", end);
            holder.rollback();
        }

        // Then all others come to it, each once
        many.awaitEnded(portal);
        assertThat(many.count("select count(*) from assignment where portal_id = '%s' and 'team-bot' = any (accounts)"
                        .formatted(portal.id)))
                .isZero();
        assertThat(many.ended(portal, "REMOVED")).isEqualTo(MANY / 2 + 1);
        assertThat(many.ended(portal, "CHANGED")).isEqualTo(MANY / 2);
        assertThat(many.count("""
                        select count(*) from (select assignment_id from assignment_history where portal_id = '%s' and reason = '%s'
                        group by 1 having count(*) > 1) twice""".formatted(portal.id, ManyAssignments.BY_THE_END_OF_AN_ACCOUNT)))
                .isZero();
        many.awaitTopicEqualsTable(portal);
        assertThat(portal.accountsOf(Members.of(1))).contains("[service]");
        assertThat(portal.accountsOf(IN_THE_MIDDLE)).isEmpty();
        assertThat(portal.accountsOf(LAST)).contains("[current-user]");
    }

    @Test
    void whoeverSawAnAssignmentWithoutItDoesNotWriteOverWhatAFileHasMadeOfIt() throws Exception {
        // Given a file that is taken and cannot be written, and an account that ends behind it
        var portal = many.registered();
        portal.assign("user", "A", "current-user").statusCode(201);
        var seen = portal.assignmentsPath() + "/" + many.idOf(portal, Members.of(MANY - 1));
        CompletableFuture<SlowUpload.Answer> importing;
        try (var holder = many.held(portal, new PortalUser("A"))) {
            importing = CompletableFuture.supplyAsync(() -> SlowUpload.answered(
                    ManyAssignments.address(portal),
                    "kind;id;accounts\nuser;A;service\nuser;" + Members.of(MANY - 1) + ";current-user\n"));
            portal.awaitAccounts(new PortalUser("A"), "[service]");
            portal.staticAccountIs("team-bot", AccountState.GONE, 2);
            await().atMost(SOON)
                    .untilAsserted(() ->
                            asAdmin().get(seen).then().statusCode(200).body("accounts", equalTo(List.of("service"))));
            var shown = asAdmin().get(seen).then().statusCode(200).extract();

            // When somebody changes what he was shown, then he comes behind the file
            asAdmin()
                    .header("If-Match", shown.header("ETag"))
                    .body(Map.of("accounts", List.of("service", "current-user")))
                    .put(seen)
                    .then()
                    .statusCode(412);
            holder.rollback();
        }

        assertThat(importing.get(180, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        many.awaitEnded(portal);
        asAdmin().get(seen).then().statusCode(200).body("accounts", equalTo(List.of("current-user")));
    }

    @Test
    void howManyThereAreIsCountedWhileSomebodyHasTheRegistrationToHimself() throws Exception {
        var portal = many.registered();
        try (var alone = many.connection();
                var connection = database.getConnection()) {
            alone.createStatement()
                    .execute("select pg_advisory_xact_lock(hashtextextended('registration %s/Main', 0))"
                            .formatted(portal.id));
            connection
                    .createStatement()
                    .execute("insert into ending (portal_id, registration, account) values ('%s', 'Main', 'team-bot')"
                            .formatted(portal.id));
            await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                    .get(portal.path("/endings"))
                    .then()
                    .body("items[0].assignmentsTotal", equalTo(MANY)));
            alone.rollback();
        }
        many.awaitEnded(portal);
        assertThat(many.ended(portal, "REMOVED")).isEqualTo(MANY / 2);
    }

    @Test
    void accountThatEndsWhileAFileIsWrittenAndAllAreWorkedOutEndsForThoseWhomTheFileHasNotReached() throws Exception {
        // Given a file that names the account for many, and cannot be written to its end
        var portal = TestPortal.registered(kafka);
        portal.staticAccountIs("team-bot", AccountState.READY, 1);
        var account = portal.staticAccount("team-bot", AccountState.READY, 1);
        await().atMost(SOON).until(() -> known.accounts().get(account.key()).isPresent());
        portal.assign("user", "A", "current-user").statusCode(201);
        CompletableFuture<SlowUpload.Answer> importing;
        try (var holder = many.held(portal, new PortalUser("A"))) {
            importing = CompletableFuture.supplyAsync(() -> SlowUpload.answered(
                    ManyAssignments.address(portal), Members.file(MANY, "team-bot") + "user;A;service\n"));
            portal.awaitAccounts(new PortalUser("A"), "[service]");

            // When the account ends
            portal.staticAccountIs("team-bot", AccountState.GONE, 2);

            // Then it is not in force for those whom the file has not reached
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .queryParam("portalUser", LAST.value())
                    .get(portal.path("/registrations/Main/explain"))
                    .then()
                    .body("account", nullValue())
                    .body("rule", nullValue()));
            holder.rollback();
        }

        // And both come to their ends
        assertThat(importing.get(180, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        many.awaitEnded(portal);
        assertThat(many.count("select count(*) from assignment where portal_id = '%s' and 'team-bot' = any (accounts)"
                        .formatted(portal.id)))
                .isZero();
        assertThat(many.ended(portal, "REMOVED")).isEqualTo(MANY / 2);
        assertThat(many.ended(portal, "CHANGED")).isEqualTo(MANY / 2);
        portal.awaitAccounts(Members.of(1), "[service]");
        many.awaitTopicEqualsTable(portal);
        assertThat(portal.accountsOf(LAST)).isEmpty();
    }
}
