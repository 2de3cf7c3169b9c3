package org.m365connector.assignment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.oneOf;
import static org.m365connector.assignment.ManyAssignments.IN_THE_MIDDLE;
import static org.m365connector.assignment.ManyAssignments.LAST;
import static org.m365connector.assignment.ManyAssignments.MANY;
import static org.m365connector.assignment.TestPortal.SOON;
import static org.m365connector.assignment.TestPortal.asAdmin;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.events.AccountState;

/** Accounts of a name whose last bearer has ended and has not left all its assignments. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "assignment"))
class AccountMadeAgainIT {

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
    void accountThatIsMadeAgainIsGivenOnceTheOneBeforeHasLeftAllAssignments() throws Exception {
        var portal = many.registered();
        CompletableFuture<SlowUpload.Answer> importing;
        try (var holder = many.held(portal, IN_THE_MIDDLE);
                var sharing = many.connection()) {
            // When one of a name is made that is ending, then whoever would give it is asked to come back, and a file
            // waits
            endAndMakeAgain(portal);
            importing = CompletableFuture.supplyAsync(() -> SlowUpload.answered(
                    ManyAssignments.address(portal), "kind;id;accounts\nuser;FROM-THE-FILE;team-bot\n"));
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .get(portal.assignmentsPath() + "/imports")
                    .then()
                    .body("[0].state", equalTo("writing")));

            // And nobody who shares the registration with somebody else waits for that file
            sharing.createStatement()
                    .execute("select pg_advisory_xact_lock_shared(hashtextextended('registration %s/Main', 0))"
                            .formatted(portal.id));
            for (int i = 0; i < 10; i++) {
                portal.assign("user", "MEANWHILE-" + i, "service")
                        .statusCode(201)
                        .time(lessThan(15_000L));
            }
            sharing.rollback();
            holder.rollback();
        }

        // Then it is given to these, and to nobody who had the one before
        assertThat(importing.get(180, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        portal.assign("user", "NEWCOMER", "team-bot").statusCode(201);
        many.awaitEnded(portal);
        asAdmin()
                .queryParam("account", "team-bot")
                .get(portal.assignmentsPath())
                .then()
                .body("items.principal.id.sort()", equalTo(List.of("FROM-THE-FILE", "NEWCOMER")));
        many.awaitTopicEqualsTable(portal);
    }

    @Test
    void fileThatRepeatsWhatTheOneBeforeHadIsTakenInBehindItsEnd() throws Exception {
        var portal = many.registered();
        var file = Members.file(MANY, "team-bot");
        CompletableFuture<SlowUpload.Answer> importing;
        SlowUpload.Answer wouldBe;
        try (var holder = many.held(portal, IN_THE_MIDDLE)) {
            endAndMakeAgain(portal);

            // When a file gives the new one to all who had the one before, most of whom still have it in the table
            importing = CompletableFuture.supplyAsync(() -> SlowUpload.answered(ManyAssignments.address(portal), file));
            await().atMost(SOON).untilAsserted(() -> asAdmin()
                    .get(portal.assignmentsPath() + "/imports")
                    .then()
                    .body("size()", equalTo(2))
                    .body("[0].state", is(oneOf("writing", "done"))));
            wouldBe = SlowUpload.answered(ManyAssignments.address(portal) + "?dryRun=true", file);
            holder.rollback();
        }

        // Then they have it
        var answer = importing.get(180, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        many.awaitEnded(portal);
        assertThat(many.count("select count(*) from assignment where portal_id = '%s' and 'team-bot' = any (accounts)"
                        .formatted(portal.id)))
                .isEqualTo(MANY);
        many.awaitTopicEqualsTable(portal);
        assertThat(portal.accountsOf(LAST)).contains("[team-bot], current-user");

        // And that is what was said of it, and would have been
        for (var body : List.of(answer.body(), wouldBe.body())) {
            assertThat(body)
                    .contains("\"added\":" + MANY / 2)
                    .contains("\"changed\":" + MANY / 2)
                    .contains("\"unchanged\":0");
        }
    }

    @Test
    void itIsExplainedWhoseRecordLetsHimActAsTheNewOneStill() throws Exception {
        var portal = many.registered();
        try (var holder = many.held(portal, IN_THE_MIDDLE);
                var record = many.connection()) {
            // Given somebody to whose record the end of an account has not come
            record.createStatement()
                    .execute(
                            "select 1 from effective_assignments where portal_id = '%s' and portal_user = '%s' for update"
                                    .formatted(portal.id, LAST));
            portal.staticAccountIs("team-bot", AccountState.GONE, 2);
            await().atMost(SOON).untilAsserted(() -> explained(portal)
                    .body("account", nullValue())
                    .body("available", equalTo(List.of("current-user"))));

            // When there is one of that name again, then he acts as that, for as long as it takes
            portal.staticAccountIs("team-bot", AccountState.READY, 3);
            await().atMost(SOON).untilAsserted(() -> explained(portal)
                    .body("account", equalTo("team-bot"))
                    .body("available", equalTo(List.of("team-bot", "current-user")))
                    .body("rule", nullValue())
                    .body("pending.problem", equalTo("portal-user-unknown")));
            record.rollback();
            holder.rollback();
        }

        many.awaitEnded(portal);
        many.awaitTopicEqualsTable(portal);
        await().atMost(SOON)
                .untilAsserted(
                        () -> explained(portal).body("account", nullValue()).body("pending", nullValue()));
    }

    private static ValidatableResponse explained(TestPortal portal) {
        return asAdmin()
                .queryParam("portalUser", LAST.value())
                .get(portal.path("/registrations/Main/explain"))
                .then()
                .statusCode(200);
    }

    /** It stands in assignments that somebody holds, so that its end cannot come to all. */
    private static void endAndMakeAgain(TestPortal portal) throws Exception {
        portal.staticAccountIs("team-bot", AccountState.GONE, 2);
        await().atMost(SOON).untilAsserted(() -> portal.assign("user", "NEWCOMER", "team-bot")
                .statusCode(422));
        portal.staticAccountIs("team-bot", AccountState.READY, 3);
        await().atMost(SOON).untilAsserted(() -> portal.assign("user", "NEWCOMER", "team-bot")
                .statusCode(503)
                .header("Retry-After", "10")
                .body("type", containsString("change-under-way")));
    }
}
