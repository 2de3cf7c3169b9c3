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
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountState;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.Topics;
import org.m365connector.view.Views;

/** What is told of people comes on another topic than the end of their portal, and may be read behind it. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class PortalEndIT {
    private static final PortalUser ADA = TestPortal.user("ADA");
    private static final PortalUser BEN = TestPortal.user("BEN");

    /** All records of the portal that are told in one sequence, as auth-service does, have lower versions before its end. */
    private static final long ENDED = 9;

    private static KafkaSide kafka;

    @Inject
    AgroalDataSource database;

    @Inject
    Views views;

    @BeforeAll
    static void connect() {
        kafka = new KafkaSide(ConfigProvider.getConfig().getValue("kafka.bootstrap.servers", String.class));
    }

    @AfterAll
    static void disconnect() {
        kafka.close();
    }

    @Test
    void whatIsStillToldOfAPortalThatIsGoneIsNotKept() throws Exception {
        // Given
        var portal = goneAfterAdaWasKnown();

        // When
        portal.tellUser(BEN);
        portal.tellGroup("Sales", 1);
        portal.staticAccountIs("team-bot", AccountState.GONE, 1);
        portal.registrationIs(RegistrationState.COMPLETE, 1);

        // Then
        awaitThatAllIsRead(portal);
        portal.awaitUnknown(BEN);
        for (var table : List.of(
                "portal_user",
                "portal_group",
                "told_place",
                "gone_account",
                "registration",
                "assignment",
                "assignment_history",
                "effective_assignments")) {
            assertThat(rows(table, portal)).as(table).isZero();
        }
    }

    @Test
    void portalThatIsOnboardedAgainTellsOfItsPeopleAsIfItHadNeverBeenGone() throws Exception {
        var portal = goneAfterAdaWasKnown();

        portal.entitledTo(ENDED + 1, Optional.empty());
        portal.tellUser(BEN);
        portal.tellGroup("Sales", 1);
        portal.registrationIs(RegistrationState.COMPLETE, ENDED + 2);

        portal.awaitKnown(BEN);
        portal.awaitAccounts(BEN, "[current-user]");
        portal.awaitAccounts(portal.administrator, "[current-user], service");
        awaitThatAllIsRead(portal);
        assertThat(rows("portal_group", portal)).isEqualTo(1);
        portal.awaitUnknown(ADA);
    }

    @Test
    void portalThatIsOnboardedAgainBeforeItsEndIsReadForgetsItsPeopleOfBefore() throws Exception {
        // Given
        var portal = TestPortal.registered(kafka);
        portal.tellUser(ADA);
        portal.tellGroup("Sales", 1);
        awaitThatAllIsRead(portal);
        portal.awaitKnown(ADA);
        var endedAt = Instant.now();

        // When
        onboardAgain(portal);
        portal.tellUser(BEN);
        portal.awaitKnown(BEN);
        kafka.sendTombstone(Topics.PORTALS, portal.id.value(), ENDED, endedAt);

        // Then
        awaitThatEndsAreRead();
        assertThat(statusOf(portal, ADA)).isEqualTo(404);
        assertThat(statusOf(portal, BEN)).isEqualTo(200);
        assertThat(rows("portal_group", portal)).isZero();
        portal.awaitTombstone(portal.administrator);
    }

    @Test
    void registrationThatIsMadeBeforeTheEndOfThePortalOfBeforeIsReadGoesOnWithoutItsPeople() throws Exception {
        // Given
        var portal = TestPortal.onboarded(kafka);
        portal.tellUser(ADA, portal.userEvent(ADA, List.of("Sales"), List.of()));
        portal.awaitKnown(ADA);
        var endedAt = Instant.now();

        // When
        onboardAgain(portal);
        portal.registrationIs(RegistrationState.COMPLETE, ENDED + 2);
        portal.awaitAccounts(portal.administrator, "[current-user], service");
        portal.tellUser(BEN, portal.userEvent(BEN, List.of("Sales"), List.of()));
        portal.assign("group", "Sales", "service").statusCode(201);
        portal.awaitAccounts(ADA, "[service]");
        portal.awaitAccounts(BEN, "[service]");
        kafka.sendTombstone(Topics.PORTALS, portal.id.value(), ENDED, endedAt);

        // Then
        awaitThatEndsAreRead();
        assertThat(statusOf(portal, ADA)).isEqualTo(404);
        portal.awaitTombstone(ADA);
        assertThat(portal.accountsOf(BEN)).contains("[service]");
        assertThat(portal.accountsOf(portal.administrator)).contains("[current-user], service");
    }

    @Test
    void endThatIsReadOnceMoreForgetsNobodyWhoHasBeenToldOfSince() throws Exception {
        var portal = goneAfterAdaWasKnown();
        onboardAgain(portal);
        portal.tellUser(BEN);
        portal.awaitKnown(BEN);

        end(portal);

        awaitThatEndsAreRead();
        assertThat(statusOf(portal, BEN)).isEqualTo(200);
    }

    @Test
    void technicalUserOfThePortalOfBeforeEndsAlsoWhereHeIsToldOfAgain() throws Exception {
        // Given
        var portal = TestPortal.onboarded(kafka);
        portal.tellUser(ADA);
        portal.awaitKnown(ADA);
        declareTechnicalUser(portal, ADA);
        var endedAt = Instant.now();

        // When
        onboardAgain(portal);
        portal.registrationIs(RegistrationState.COMPLETE, ENDED + 2);
        portal.tellUser(ADA);
        awaitThatAllIsRead(portal);
        awaitToldTechnicalUser(portal, Optional.of(ADA));
        kafka.sendTombstone(Topics.PORTALS, portal.id.value(), ENDED, endedAt);

        // Then
        awaitThatEndsAreRead();
        assertThat(statusOf(portal, ADA)).isEqualTo(200);
        portal.asPortal().get(portal.path("/technical-user")).then().statusCode(404);
        awaitToldTechnicalUser(portal, Optional.empty());
    }

    @Test
    void technicalUserWhoIsDeclaredBeforeTheEndOfThePortalOfBeforeIsReadStays() throws Exception {
        // Given
        var portal = TestPortal.onboarded(kafka);
        portal.tellUser(ADA);
        portal.awaitKnown(ADA);
        declareTechnicalUser(portal, ADA);
        var endedAt = Instant.now();

        // When
        onboardAgain(portal);
        portal.tellUser(ADA);
        awaitThatAllIsRead(portal);
        declareTechnicalUser(portal, ADA);
        kafka.sendTombstone(Topics.PORTALS, portal.id.value(), ENDED, endedAt);

        // Then
        awaitThatEndsAreRead();
        portal.asPortal()
                .get(portal.path("/technical-user"))
                .then()
                .statusCode(200)
                .body("portalUser", equalTo(ADA.value()));
    }

    @Test
    void whatIsToldOfAnAccountWhileItsPortalEndsIsNotKept() throws Exception {
        var portal = TestPortal.onboarded(kafka);
        try (var ending = database.getConnection();
                var statement = ending.createStatement()) {
            statement.execute("insert into portal (portal_id) values ('%s')".formatted(portal.id));
            ending.setAutoCommit(false);
            statement.execute("update portal set gone = true, gone_version = %d where portal_id = '%s'"
                    .formatted(ENDED, portal.id));
            portal.staticAccountIs("team-bot", AccountState.READY, 1);
            var session = session(statement);
            await().atMost(SOON)
                    .until(() -> waitFor(session) > 0
                            || kafka.isReadToTheEnd("assignment-service-accounts", Topics.ACCOUNTS));
            ending.commit();
        }

        awaitThatAllIsRead(portal);
        assertThat(rows("told_place", portal)).isZero();
    }

    @Test
    void fileThatHasWaitedForTheEndOfItsPortalIsNotTakenIn() throws Exception {
        var portal = TestPortal.registered(kafka);
        CompletableFuture<Integer> answered;
        try (var holder = database.getConnection();
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select 1 from portal where portal_id = '%s' for update".formatted(portal.id));
            var session = session(statement);
            end(portal);
            await().atMost(SOON).until(() -> waitFor(session) >= 1);
            answered = CompletableFuture.supplyAsync(() -> asAdmin()
                    .contentType("text/csv")
                    .body("kind;id;accounts\ngroup;Sales;service\n")
                    .post(portal.assignmentsPath() + "/import?reason=Ada+asked+for+it")
                    .then()
                    .extract()
                    .statusCode());
            await().atMost(SOON).until(() -> waitFor(session) >= 2);
            holder.rollback();
        }

        assertThat(answered.get(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(404);
        portal.awaitTombstone(portal.administrator);
        assertThat(rows("assignment_import", portal)).isZero();
    }

    private static int session(Statement statement) throws SQLException {
        try (var row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** How many wait for a lock of this session, or for one of somebody who does. */
    private long waitFor(int session) throws SQLException {
        return count("""
                with recursive held (pid) as (
                    select %d
                    union
                    select waiting.pid from pg_stat_activity waiting join held on held.pid = any(pg_blocking_pids(waiting.pid)))
                select count(*) - 1 from held""".formatted(session));
    }

    private static TestPortal goneAfterAdaWasKnown() throws Exception {
        var portal = TestPortal.onboarded(kafka);
        portal.tellUser(ADA);
        portal.awaitKnown(ADA);
        end(portal);
        portal.awaitUnknown(ADA);
        return portal;
    }

    private static void end(TestPortal portal) throws Exception {
        kafka.sendTombstone(Topics.PORTALS, portal.id.value(), ENDED);
    }

    private void onboardAgain(TestPortal portal) throws Exception {
        portal.entitledTo(ENDED + 1, Optional.empty());
        await().atMost(SOON).until(() -> views.portals()
                .get(portal.id.value())
                .filter(shown -> shown.version() > ENDED)
                .isPresent());
    }

    private static void declareTechnicalUser(TestPortal portal, PortalUser user) {
        asAdmin()
                .body(Map.of("portalUser", user.value()))
                .put(portal.path("/technical-user"))
                .then()
                .statusCode(200);
    }

    private static void awaitToldTechnicalUser(TestPortal portal, Optional<PortalUser> expected) {
        await().atMost(SOON)
                .until(
                        () -> kafka.assignments(portal.recordKey(AssignmentsRecord.DEFAULT))
                                .flatMap(AssignmentsRecord::technicalUser),
                        expected::equals);
    }

    private static int statusOf(TestPortal portal, PortalUser user) {
        return asAdmin().get(portal.path("/users/" + user)).then().extract().statusCode();
    }

    private static void awaitThatEndsAreRead() {
        await().atMost(SOON).until(() -> kafka.isReadToTheEnd("assignment-service-portals", Topics.PORTALS));
    }

    private static void awaitThatAllIsRead(TestPortal portal) {
        await().atMost(SOON)
                .until(() -> kafka.isReadToTheEnd("assignment-service", portal.usersTopic())
                        && kafka.isReadToTheEnd("assignment-service-accounts", Topics.ACCOUNTS)
                        && kafka.isReadToTheEnd("assignment-service-registrations", Topics.REGISTRATIONS));
    }

    private long rows(String table, TestPortal portal) throws SQLException {
        return count("select count(*) from %s where portal_id = '%s'".formatted(table, portal.id));
    }

    private long count(String query) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }
}
