package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.lessThan;
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
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.Topics;

/** Registrations and portals that end and have more assignments than can be ended at once. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class RegistrationEndingIT {
    private static final PortalUser ADA = TestPortal.user("ADA");
    private static final PortalUser ELLA = TestPortal.user("ELLA");

    private static KafkaSide kafka;

    @Inject
    AgroalDataSource database;

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
    void registrationThatEndsIsUnknownAtOnceAndOneOfItsNameBeginsBehindIt() throws Exception {
        var portal = many.registered();
        try (var holder = many.held(portal, IN_THE_MIDDLE)) {
            // When it ends, then nobody knows it
            portal.registrationIsGone();
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .queryParam("portalUser", IN_THE_MIDDLE.value())
                    .get(portal.path("/registrations/Main/explain"))
                    .then()
                    .statusCode(404));
            // And the portal's users go on
            asAdmin()
                    .body(Map.of("groups", List.of()))
                    .put(portal.path("/users/" + ELLA))
                    .then()
                    .statusCode(200)
                    .time(lessThan(5_000L));
            portal.tellUser(ADA);
            await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                    .get(portal.path("/users/" + ADA))
                    .then()
                    .statusCode(200));
            await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                    .get(portal.path("/endings"))
                    .then()
                    .body("items[0].account", nullValue())
                    .body("items[0].assignmentsDone", allOf(greaterThan(0), lessThan(MANY))));

            // And who is removed meanwhile is named by nobody afterwards
            kafka.sendTombstone(portal.usersTopic(), LAST.value());
            await().atMost(SOON)
                    .until(
                            () -> many.count(
                                    "select count(*) from assignment where portal_id = '%s' and principal_id = '%s'"
                                            .formatted(portal.id, LAST)),
                            left -> left == 0);

            // When one of the same name is made, then it waits for this
            portal.registrationIs(RegistrationState.COMPLETE, 3);
            await().atMost(SOON).untilAsserted(() -> portal.assign("user", "NEWCOMER", "service")
                    .statusCode(503)
                    .body("type", containsString("change-under-way")));
            // And whoever asks for it waits for nobody of the portal
            try (var sharing = many.connection()) {
                sharing.createStatement()
                        .execute("select 1 from portal where portal_id = '%s' for share".formatted(portal.id));
                portal.assign("user", "NEWCOMER", "service").statusCode(503).time(lessThan(5_000L));
                sharing.rollback();
            }
            holder.rollback();
        }

        // Then it begins as any other
        await().atMost(SOON).untilAsserted(() -> portal.asPortal()
                .get(portal.assignmentsPath())
                .then()
                .statusCode(200)
                .body("items.principal.kind.sort()", equalTo(List.of("default", "user"))));
        many.awaitEnded(portal);
        portal.awaitAccounts(portal.administrator, "[current-user], service");
        portal.awaitAccounts(ADA, "[current-user]");
        assertThat(many.count("""
                        select count(*) from assignment_history where portal_id = '%s' and what = 'REMOVED'
                        and reason = 'the registration ends'""".formatted(portal.id))).isEqualTo(MANY + 1);
        assertThat(many.count("""
                        select count(*) from assignment_history
                        where portal_id = '%s' and what = 'REMOVED' and person_removed""".formatted(portal.id))).isEqualTo(1);
        assertThat(many.count("select count(*) from assignment_history where portal_id = '%s' and principal_id = '%s'"
                        .formatted(portal.id, LAST)))
                .isZero();
        many.awaitTopicEqualsTable(portal);
        assertThat(many.rows(portal))
                .containsOnlyKeys("default", portal.administrator.value(), ADA.value(), ELLA.value());
    }

    @Test
    void registrationWhoseEndIsReadInFrontOfItsBeginningDoesNotBegin() throws Exception {
        var portal = TestPortal.onboarded(kafka);
        var key = RegistrationRecord.key(portal.id, portal.registration);
        kafka.sendTombstone(Topics.REGISTRATIONS, key, 2);
        awaitThatRegistrationsAreRead();

        portal.registrationIs(RegistrationState.COMPLETE, 1);
        awaitThatRegistrationsAreRead();
        portal.assign("group", "Sales", "service").statusCode(404);
        assertThat(many.rows(portal)).isEmpty();

        portal.registrationIs(RegistrationState.COMPLETE, 3);
        portal.awaitAccounts(portal.administrator, "[current-user], service");
    }

    private static void awaitThatRegistrationsAreRead() {
        await().atMost(SOON)
                .until(() -> kafka.isReadToTheEnd("assignment-service-registrations", Topics.REGISTRATIONS));
    }

    @Test
    void peopleOfAPortalThatEndsLeaveItsLongHistoryInSteps() throws Exception {
        awaitThatAllLeave(portal -> {
            portal.registrationIsGone();
            kafka.sendTombstone(Topics.PORTALS, portal.id.value());
        });
    }

    @Test
    void portalThatEndsBeforeItsRegistrationDoesTakesAllOfItAlong() throws Exception {
        awaitThatAllLeave(portal -> kafka.sendTombstone(Topics.PORTALS, portal.id.value()));
    }

    private interface End {
        void of(TestPortal portal) throws Exception;
    }

    private void awaitThatAllLeave(End end) throws Exception {
        var portal = many.registered();
        portal.tellUser(ADA);
        await().atMost(SOON)
                .untilAsserted(
                        () -> asAdmin().get(portal.path("/users/" + ADA)).then().statusCode(200));
        try (var holder = many.held(portal, IN_THE_MIDDLE)) {
            end.of(portal);

            // Nobody is known from the moment on in which the end is heard, though assignments are still on their way
            // out
            await().atMost(SOON)
                    .until(
                            () -> many.count(
                                    "select count(*) from portal_user where portal_id = '%s'".formatted(portal.id)),
                            users -> users == 0);
            assertThat(many.count("select count(*) from assignment where portal_id = '%s'".formatted(portal.id)))
                    .isPositive();
            holder.rollback();
        }

        many.awaitEnded(portal);
        assertThat(many.count("select count(*) from assignment where portal_id = '%s'".formatted(portal.id)))
                .isZero();
        assertThat(many.count("select count(*) from assignment_history where portal_id = '%s'".formatted(portal.id)))
                .isEqualTo(2 * (MANY + 2));
        assertThat(many.count("""
                        select count(*) from assignment_history where portal_id = '%s'
                        and (reason is not null or (principal_kind = 'USER' and not person_removed))""".formatted(portal.id))).isZero();
        many.awaitTopicEqualsTable(portal);
        assertThat(many.rows(portal)).isEmpty();
    }
}
