package org.m365connector.sync.action;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountName;
import org.m365connector.events.Entitlement;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.Topics;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;
import org.m365connector.sync.PortalOfTests;
import org.m365connector.view.Views;

/** Exactly one result, at most one effect, whatever breaks when. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class ActionIT {
    private static final String MAIL = "mail.send.v1";
    private static final String TEAMS = "teams.message.send.v1";

    @Inject
    DataSource database;

    @Inject
    ActionLedger ledger;

    @Inject
    Views views;

    private final Microsoft microsoft = new Microsoft();
    private final String text = "text " + UUID.randomUUID();

    /** One for most tests: Kafka needs seconds to give a new topic to its consumers. Keys and ids are each test's own. */
    private static PortalOfTests shared;

    private PortalOfTests portal;

    @BeforeEach
    void onboard() {
        microsoft.calm();
        if (shared == null) {
            shared = new PortalOfTests();
        }
        portal = shared;
    }

    @AfterEach
    void calmDown() {
        microsoft.calm();
    }

    @AfterAll
    static void leave() {
        shared.close();
    }

    private String publish(Event<?> action) {
        return portal.publish(text, action);
    }

    private Event<Object> mail() {
        return portal.action(MAIL, "ADA", PortalOfTests.mail(Seed.BEN, text));
    }

    private Event<Object> message() {
        return portal.action(TEAMS, "BEN", PortalOfTests.channelMessage(Seed.TEAM_ID, Seed.GENERAL_ID, text));
    }

    private int arrived() {
        return Collections.frequency(microsoft.subjects(Seed.BEN, "inbox"), text);
    }

    private int posted() {
        return Collections.frequency(microsoft.contents(Seed.GENERAL_ID), text);
    }

    /** Long enough for a second one to turn up, were there one. */
    private void assertNothingMoreComes(String action) {
        await().during(Duration.ofMillis(1_500))
                .atMost(Duration.ofMinutes(1))
                .until(() -> portal.completed(action).size() == 1);
    }

    @Test
    void mailIsSentAndTheResultNamesIt() throws SQLException {
        String action = publish(mail());

        JsonNode result = portal.result(action);

        assertThat(result.path("outcome").asText()).isEqualTo("done");
        await().until(this::arrived, n -> n == 1);
        JsonNode sent = microsoft.graph("GET", "/users/" + Seed.ADA + "/mailFolders/sentitems/messages?$top=1000", "");
        assertThat(sent.path("value").findValuesAsText("internetMessageId"))
                .contains(result.at("/ids/internetMessageId").asText());
        assertThat(result.at("/ids/messageId").asText()).isNotEmpty();
        Event<JsonNode> event = portal.resultsOf(action).get(0);
        assertThat(event.id()).isEqualTo(action + "/completed");
        assertThat(event.source()).hasToString("/m365/" + portal.id + "/sync");
        assertThat(event.extensions()).containsEntry("portaluser", "ADA").containsEntry("registration", "Main");
        assertThat(column("data", action)).isEqualTo("{}");
    }

    @Test
    void callsOfGraphStandInTheTraceOfTheAction() {
        String trace = UUID.randomUUID().toString().replace("-", "");
        String parent = "00-" + trace + "-00f067aa0ba902b7-01";

        String action = publish(mail().withExtension("traceparent", parent));

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("done");
        assertThat(microsoft.requestsIn(trace))
                .contains("POST /v1.0/me/messages")
                .anyMatch(call -> call.startsWith("POST /v1.0/me/messages/") && call.endsWith("/send"));
        assertThat(portal.resultsOf(action).get(0).extensions()).containsEntry("traceparent", parent);
    }

    /** As tracing libraries of producers write it. */
    @Test
    void traceOfTheRecordCountsWhereTheActionNamesNone() {
        String trace = UUID.randomUUID().toString().replace("-", "");
        Event<Object> action = mail();
        ProducerRecord<String, byte[]> record = EventCodec.write(Topics.actions(portal.id), text, action);
        record.headers()
                .add("traceparent", ("00-" + trace + "-00f067aa0ba902b7-01").getBytes(StandardCharsets.US_ASCII));

        portal.send(record);

        assertThat(portal.result(action.id()).path("outcome").asText()).isEqualTo("done");
        assertThat(microsoft.requestsIn(trace)).contains("POST /v1.0/me/messages");
    }

    @Test
    void serviceAccountSendsFromTheMailboxThatIsNamed() {
        ObjectNode data = PortalOfTests.mail(Seed.BEN, text);
        data.put("mailbox", Seed.CLARA);

        JsonNode result =
                portal.result(publish(portal.action(MAIL, "ADA", data).withExtension(Event.ACCOUNT, "service")));

        assertThat(result.path("outcome").asText()).isEqualTo("done");
        await().until(() -> microsoft.subjects(Seed.CLARA, "sentitems").contains(text));
    }

    @Test
    void serviceAccountWithoutMailboxIsRejected() {
        String action = publish(mail().withExtension(Event.ACCOUNT, "service"));

        assertThat(problemOf(action, "rejected")).isEqualTo("/problems/mailbox-missing");
    }

    @Test
    void mailboxOfSomebodyElseIsNotTakenForTheOwnOne() {
        // Nothing has been heard of ADA's account yet.
        ObjectNode data = PortalOfTests.mail(Seed.BEN, text);
        data.put("mailbox", Seed.CLARA);

        JsonNode result = portal.result(publish(portal.action(MAIL, "ADA", data)));

        assertThat(result.path("outcome").asText()).isEqualTo("failed");
        assertThat(result.at("/problem/graphStatus").asInt()).isEqualTo(403);
        assertThat(arrived()).isZero();
    }

    @Test
    void eventSentTwiceGivesOneResultAndOneMail() {
        Event<Object> event = mail();
        publish(event);
        publish(event);

        portal.result(event.id());
        publish(event);

        assertNothingMoreComes(event.id());
        assertThat(arrived()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // The draft was made, its answer lost.
                "{'match':{'method':'POST','path':'/messages$'},'reset':'after','times':1}",
                // Nothing was made, but we cannot know.
                "{'match':{'method':'POST','path':'/messages$'},'reset':'before','times':2}",
                // It was sent, the answer lost.
                "{'match':{'method':'POST','path':'/send$'},'reset':'after','times':1}",
                // It was not sent, but we cannot know.
                "{'match':{'method':'POST','path':'/send$'},'reset':'before','times':1}",
                "{'match':{'method':'POST','path':'/send$'},'status':504,'html':true,'times':1}",
                "{'match':{'method':'POST','path':'/send$'},'status':429,'retryAfter':'1','times':2}",
                // Longer than the lease, which is renewed meanwhile.
                "{'match':{'method':'POST','path':'/messages$'},'delayMs':3000,'times':1}",
                // Longer than we wait: executed after we have given up.
                "{'match':{'method':'POST','path':'/send$'},'delayMs':5500,'times':1}",
                // Sent, answered, but not moved yet, and the answer is lost.
                "{'match':{'method':'POST','path':'/send$'},'reset':'after','times':1,'slow':true}"
            })
    void mailLeavesOnceWhateverBreaks(String fault) {
        if (fault.contains("slow")) {
            microsoft.switches("{'mail':{'sendDelayMillis':1300}}");
        }
        microsoft.fault(fault.replace(",'slow':true", ""));

        String action = publish(mail());

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("done");
        await().atMost(Duration.ofMinutes(3)).until(this::arrived, n -> n == 1);
        assertNothingMoreComes(action);
        assertThat(arrived()).isEqualTo(1);
    }

    /** What only a look-up for a mail calls. */
    private static final String LOOK_UP = "singleValueExtendedProperties";

    @ParameterizedTest
    @ValueSource(strings = {"'login-required','status':409", "'not-entitled','status':403"})
    void mailThatMayHaveLeftIsNeverRejected(String problem) {
        microsoft.fault("{'match':{'method':'POST','path':'/send$'},'reset':'after','times':1}");
        microsoft.proxyProblem("{'slug':" + problem + ",'path':'" + LOOK_UP + "'}");

        String action = publish(mail().withExtension(Event.ON_LOGIN_REQUIRED, "reject"));

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("outcome-unknown");
        await().until(this::arrived, n -> n == 1);
        assertNothingMoreComes(action);
    }

    @Test
    void mailThatMayHaveLeftIsLookedForInTheMailboxFromWhichItWent() {
        portal = new PortalOfTests();
        microsoft.fault("{'match':{'method':'POST','path':'/send$'},'reset':'after','times':1}");
        microsoft.proxyProblem("{'slug':'auth-unavailable','status':503,'path':'" + LOOK_UP + "'}");
        String action = publish(mail());
        await().atMost(Duration.ofMinutes(3)).until(() -> step(action), "sending-draft"::equals);

        portal.assign(views, "ADA", AccountName.SERVICE, AccountName.CURRENT_USER);
        microsoft.noProxyProblems();

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("done");
        await().until(this::arrived, n -> n == 1);
        portal.close();
    }

    @Test
    void refusedTokenMakesTheActionWait() {
        microsoft.fault("{'match':{'method':'POST','path':'/messages$'},'status':401,'times':2}");

        assertThat(portal.result(publish(message())).path("outcome").asText()).isEqualTo("done");
        assertThat(posted()).isEqualTo(1);
    }

    @Test
    void workerThatFindsADeadOnesDraftSendsThatDraft() throws SQLException {
        microsoft.fault("{'match':{'method':'POST','path':'/send$'},'status':429,'retryAfter':'600','times':1}");
        String action = publish(mail());
        await().until(() -> step(action), "drafted"::equals);

        // As a process leaves it that dies between the call and its answer.
        sql("update action set state = 'attempting', step = 'sending-draft', step_at = now(), lease_owner = 'dead',"
                + " lease_expires_at = now(), next_attempt_at = now() where action_id = '" + action + "'");

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("done");
        await().until(this::arrived, n -> n == 1);
        assertThat(microsoft.subjects(Seed.ADA, "drafts")).doesNotContain(text);
    }

    @Test
    void workerThatWasOvertakenDeletesNothing() throws SQLException {
        microsoft.fault("{'match':{'method':'POST','path':'/send$'},'status':400,'delayMs':3000,'times':1}");
        String action = publish(mail());
        await().until(() -> step(action), "sending-draft"::equals);

        // As the database looks to another worker when this one has been stopped for longer than its lease.
        sql("update action set lease_owner = 'paused', lease_expires_at = now() where action_id = '" + action + "'");

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("done");
        // The first one's refusal has come meanwhile.
        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofMinutes(1))
                .until(() -> microsoft.subjects(Seed.ADA, "sentitems").contains(text));
        assertThat(arrived()).isEqualTo(1);
    }

    @Test
    void draftThatWasRefusedIsNotSentByWhoeverTakesOver() throws SQLException {
        microsoft.fault("{'match':{'method':'POST','path':'/send$'},'status':429,'retryAfter':'600','times':1}");
        String action = publish(mail());
        await().until(() -> step(action), "drafted"::equals);

        // As a process leaves it that dies before the draft is deleted.
        sql("update action set state = 'attempting', step = 'discarding-draft', lease_owner = 'dead',"
                + " lease_expires_at = now(), next_attempt_at = now(), step_ref = json_build_object("
                + "'draft', step_ref::json, 'status', 400, 'code', 'ErrorInvalidRecipients')::text"
                + " where action_id = '" + action + "'");

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("failed");
        assertThat(portal.result(action).at("/problem/graphCode").asText()).isEqualTo("ErrorInvalidRecipients");
        assertThat(microsoft.subjects(Seed.ADA, "drafts")).doesNotContain(text);
        assertThat(arrived()).isZero();
    }

    @Test
    void refusalIsToldThoughTheDatabaseStumbles() throws SQLException {
        microsoft.fault("{'match':{'method':'POST','path':'/messages$'},'status':403,'times':1}");
        Event<Object> event = message();
        sql("create sequence stumbles");
        sql("create function stumble() returns trigger language plpgsql as $$ begin perform nextval('stumbles');"
                + " raise exception 'the database stumbles'; end $$");
        sql("create trigger stumble before update on action for each row when (new.state = 'finished' and"
                + " new.action_id = '" + event.id() + "') execute function stumble()");
        try {
            publish(event);
            // For longer than the lease.
            await().atMost(Duration.ofMinutes(3)).until(() -> number("select last_value from stumbles") > 4);
        } finally {
            sql("drop trigger stumble on action");
            sql("drop function stumble");
            sql("drop sequence stumbles");
        }

        assertThat(portal.result(event.id()).path("outcome").asText()).isEqualTo("failed");
        assertThat(portal.result(event.id()).at("/problem/graphStatus").asInt()).isEqualTo(403);
    }

    private long number(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    void refusedMailFailsWithGraphsCodeAndLeavesNoDraft() {
        String action = publish(portal.action(MAIL, "ADA", PortalOfTests.mail("nonsense", text)));

        JsonNode result = portal.result(action);

        assertThat(result.path("outcome").asText()).isEqualTo("failed");
        assertThat(result.at("/problem/graphCode").asText()).isEqualTo("ErrorInvalidRecipients");
        assertThat(microsoft.subjects(Seed.ADA, "drafts")).doesNotContain(text);
    }

    @Test
    void messageIsPostedAndTheResultNamesIt() {
        JsonNode result = portal.result(publish(message()));

        assertThat(result.path("outcome").asText()).isEqualTo("done");
        assertThat(result.at("/ids/messageId").asText()).isNotEmpty();
        assertThat(result.at("/links/web").asText()).startsWith("https://");
        assertThat(posted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'match':{'method':'POST','path':'/messages$'},'reset':'after','times':1}",
                "{'match':{'method':'POST','path':'/messages$'},'reset':'before','times':1}",
                "{'match':{'method':'POST','path':'/messages$'},'status':504,'html':true,'times':1}",
                "{'match':{'method':'POST','path':'/messages$'},'status':502,'times':1}",
            })
    void messageInDoubtIsNeverPostedTwice(String fault) {
        microsoft.fault(fault);

        String action = publish(message());

        JsonNode result = portal.result(action);
        assertThat(result.path("outcome").asText()).isEqualTo("outcome-unknown");
        assertNothingMoreComes(action);
        assertThat(posted()).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'match':{'method':'POST','path':'/messages$'},'status':429,'retryAfter':'1','times':2}",
                "{'match':{'method':'POST','path':'/messages$'},'status':503,'retryAfter':'1','times':1}",
            })
    void messageThatSurelyWasNotPostedIsTriedAgain(String fault) {
        microsoft.fault(fault);

        assertThat(portal.result(publish(message())).path("outcome").asText()).isEqualTo("done");
        assertThat(posted()).isEqualTo(1);
    }

    @Test
    void answerThatTakesLongerThanTheLeaseIsWaitedFor() {
        microsoft.fault("{'match':{'method':'POST','path':'/messages$'},'delayMs':3000,'times':1}");

        assertThat(portal.result(publish(message())).path("outcome").asText()).isEqualTo("done");
        assertThat(posted()).isEqualTo(1);
    }

    @Test
    void messageOfAProcessThatDiedWhilePostingIsNotPostedAgain() throws SQLException {
        microsoft.proxyProblem("{'slug':'auth-unavailable','status':503,'path':'/teams/'}");
        String action = publish(message());
        await().until(() -> state(action), "waiting"::equals);

        sql("update action set state = 'attempting', step = 'posting-message', lease_owner = 'dead',"
                + " lease_expires_at = now(), next_attempt_at = now() where action_id = '" + action + "'");

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("outcome-unknown");
        microsoft.calm();
        assertNothingMoreComes(action);
        assertThat(posted()).isZero();
    }

    @Test
    void parkedActionCompletesByItselfOnce() {
        microsoft.signedOut("BEN");
        String action = publish(message());

        await().atMost(Duration.ofMinutes(3))
                .until(() -> portal.resultsOf(action).size() == 1);
        Event<JsonNode> parked = portal.resultsOf(action).get(0);
        assertThat(parked.type()).isEqualTo("action-parked.v1");
        assertThat(parked.data().path("loginUrl").asText()).startsWith("http://login.example/");
        // Tried again meanwhile, told once.
        await().during(Duration.ofSeconds(5))
                .atMost(Duration.ofMinutes(1))
                .until(() -> portal.resultsOf(action).size() == 1);

        microsoft.signedIn();
        portal.accountReady("BEN", Seed.BEN);

        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("done");
        assertNothingMoreComes(action);
        assertThat(posted()).isEqualTo(1);
        assertThat(portal.resultsOf(action)).hasSize(2);
    }

    @Test
    void parkedActionTellsAnotherLinkWhenTheOldOneIsWorthNothing() {
        microsoft.signedOut("BEN");
        String action = publish(message());
        await().atMost(Duration.ofMinutes(3))
                .until(() -> portal.resultsOf(action).size() == 1);

        microsoft.loginLinksDie();

        await().atMost(Duration.ofMinutes(3))
                .until(() -> portal.resultsOf(action).size() == 2);
        Event<JsonNode> first = portal.resultsOf(action).get(0);
        Event<JsonNode> second = portal.resultsOf(action).get(1);
        assertThat(second.type()).isEqualTo("action-parked.v1");
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(second.data().path("loginUrl").asText())
                .startsWith("http://login.example/")
                .isNotEqualTo(first.data().path("loginUrl").asText());

        microsoft.signedIn();
        portal.accountReady("BEN", Seed.BEN);
        assertThat(portal.result(action).path("outcome").asText()).isEqualTo("done");
    }

    @Test
    void whoIsExpectedToSignInMayTurnUpAMomentLater() {
        microsoft.signedOut("BEN");
        microsoft.unknownNames(1);
        String action = publish(message().withExtension(Event.ON_LOGIN_REQUIRED, "reject"));

        assertThat(problemOf(action, "rejected")).isEqualTo("/problems/login-required");
        assertThat(portal.result(action).at("/problem/loginUrl").asText()).startsWith("http://login.example/");
    }

    @Test
    void whoDoesNotWantToWaitForALoginIsRejectedWithTheLink() {
        microsoft.signedOut("BEN");
        String action = publish(message().withExtension(Event.ON_LOGIN_REQUIRED, "reject"));

        assertThat(problemOf(action, "rejected")).isEqualTo("/problems/login-required");
        assertThat(portal.result(action).at("/problem/loginUrl").asText()).startsWith("http://login.example/");
    }

    @Test
    void whatBeginsWhileItsRegistrationEndsIsRejectedAndNothingIsSent() {
        try (PortalOfTests ending = new PortalOfTests()) {
            ending.registrationEnds();
            await().atMost(Duration.ofMinutes(3)).until(() -> views.registrations()
                    .get(RegistrationRecord.key(ending.id, PortalOfTests.MAIN))
                    .isPresent());

            String message = ending.publish(
                    ending.action(TEAMS, "BEN", PortalOfTests.channelMessage(Seed.TEAM_ID, Seed.GENERAL_ID, text)));

            JsonNode refused = ending.result(message);
            assertThat(refused.path("outcome").asText()).isEqualTo("rejected");
            assertThat(refused.at("/problem/type").asText()).isEqualTo("/problems/registration-ending");
            assertThat(posted()).isZero();
        }
    }

    @Test
    void whatThePortalIsNotEntitledToIsRejectedAndNothingIsSent() {
        try (PortalOfTests limited = new PortalOfTests()) {
            limited.entitled(
                    views,
                    new Entitlement(
                            Optional.empty(), Optional.empty(), Optional.of(Set.of("mail-send")), Optional.empty()));

            String message = limited.publish(
                    limited.action(TEAMS, "BEN", PortalOfTests.channelMessage(Seed.TEAM_ID, Seed.GENERAL_ID, text)));
            JsonNode refused = limited.result(message);

            assertThat(refused.path("outcome").asText()).isEqualTo("rejected");
            assertThat(refused.at("/problem/type").asText()).isEqualTo("/problems/not-entitled");
            assertThat(refused.at("/problem/feature").asText()).isEqualTo("teams-send");
            assertThat(posted()).isZero();
            String mail = limited.publish(limited.action(MAIL, "ADA", PortalOfTests.mail(Seed.BEN, text)));
            assertThat(limited.result(mail).path("outcome").asText()).isEqualTo("done");

            // What waits for somebody to sign in does not wait for ever: the entitlement ends, and no event says so
            microsoft.signedOut("CLARA");
            String parked = limited.publish(limited.action(MAIL, "CLARA", PortalOfTests.mail(Seed.BEN, text + " 2")));
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> limited.resultsOf(parked).size() == 1);
            limited.entitled(
                    views,
                    new Entitlement(
                            Optional.empty(),
                            Optional.of(Instant.now().plusSeconds(3)),
                            Optional.empty(),
                            Optional.empty()));
            JsonNode over = limited.result(parked);
            assertThat(over.path("outcome").asText()).isEqualTo("rejected");
            assertThat(over.at("/problem/type").asText()).isEqualTo("/problems/not-entitled");

            // Renewed, actions are carried out again
            limited.entitled(views, Entitlement.UNLIMITED);
            String renewed = limited.publish(limited.action(MAIL, "ADA", PortalOfTests.mail(Seed.BEN, text)));
            assertThat(limited.result(renewed).path("outcome").asText()).isEqualTo("done");
        }
    }

    @Test
    void parkedActionIsGivenUpAtItsDeadline() {
        microsoft.signedOut("BEN");
        String action = publish(message()
                .withExtension(Event.DEADLINE, Instant.now().plusSeconds(3).toString()));

        assertThat(problemOf(action, "rejected")).isEqualTo("/problems/deadline-passed");
        microsoft.signedIn();
        assertNothingMoreComes(action);
        assertThat(posted()).isZero();
    }

    @Test
    void whatTheAppCanNeverDoIsRejectedWithoutACall() {
        // Would be the proxy's answer, if it were asked.
        microsoft.proxyProblem("{'slug':'auth-unavailable','status':503,'path':'/messages'}");

        assertThat(problemOf(publish(message().withExtension(Event.ACCOUNT, "service")), "rejected"))
                .isEqualTo("/problems/app-only-not-supported");
    }

    @Test
    void proxysRefusalBecomesTheResult() {
        microsoft.proxyProblem("{'slug':'not-allowed-by-assignment','status':403,'path':'/messages'}");

        assertThat(problemOf(publish(message()), "rejected")).isEqualTo("/problems/not-allowed-by-assignment");
    }

    @Test
    void userWhoDoesNotTurnUpIsRejected() {
        Event<Object> stranger =
                portal.action(TEAMS, "STRANGER", PortalOfTests.channelMessage(Seed.TEAM_ID, Seed.GENERAL_ID, text));

        assertThat(problemOf(publish(stranger), "rejected")).isEqualTo("/problems/portal-user-unknown");
    }

    @Test
    void unreachableProxyMakesTheActionWait() {
        microsoft.proxyProblem("{'slug':'auth-unavailable','status':503,'path':'/messages','times':3}");

        assertThat(portal.result(publish(message())).path("outcome").asText()).isEqualTo("done");
        assertThat(posted()).isEqualTo(1);
    }

    @Test
    void whatCannotBeUnderstoodGoesToTheDeadLetter() {
        portal = new PortalOfTests();
        portal.publishRaw("{this is no event");
        portal.publishRaw(
                "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/x\",\"type\":\"mail.send.v1\",\"data\":{}}");
        String later = publish(mail());

        portal.result(later);
        await().until(() -> PortalOfTests.records(Topics.deadLetter(Topics.actions(portal.id)))
                        .size()
                == 2);
        portal.close();
    }

    @Test
    void whatIsUnderstoodButWrongIsAnswered() {
        Event<Object> unknown = portal.action("coffee.make.v1", "ADA", PortalOfTests.mail(Seed.BEN, text));
        Event<Object> empty = portal.action(MAIL, "ADA", List.of());
        Event<Object> nowhere = mail().withExtension(Event.REGISTRATION, "not a name");

        Event<Object> never = mail().withExtension(Event.DEADLINE, "+999999999-01-01T00:00:00Z");

        publish(unknown);
        publish(empty);
        publish(nowhere);
        publish(never);

        assertThat(problemOf(unknown.id(), "rejected")).isEqualTo("/problems/unknown-action-type");
        assertThat(problemOf(empty.id(), "rejected")).isEqualTo("/problems/invalid-action");
        assertThat(problemOf(nowhere.id(), "rejected")).isEqualTo("/problems/registration-missing");
        assertThat(problemOf(never.id(), "rejected")).isEqualTo("/problems/invalid-action");
    }

    @Test
    void waitingActionHoldsUpItsOwnKeyOnly() throws SQLException {
        microsoft.signedOut("BEN");
        String first = portal.publish(text + "1", message());
        String late = portal.publish(
                text + "1",
                mail().withExtension(
                                Event.DEADLINE, Instant.now().plusSeconds(3).toString()));
        String behind = portal.publish(text + "1", mail());
        await().until(() -> state(first), "parked"::equals);
        String elsewhere = portal.publish(text + "2", mail());

        portal.result(elsewhere);
        assertThat(problemOf(late, "rejected")).isEqualTo("/problems/deadline-passed");
        assertThat(portal.completed(first)).isEmpty();
        assertThat(portal.completed(behind)).isEmpty();

        // As a version that knows no turns leaves it.
        sql("update action set turn = false where action_id = '" + first + "'");
        await().until(() ->
                ledger.giveMissingTurns() > 0 || column("turn", first).equals("t"));

        microsoft.signedIn();
        portal.accountReady("BEN", Seed.BEN);
        portal.result(behind);
        assertThat(portal.completed(first)).hasSize(1);
    }

    /** ADR 7. The consumer takes records of a burst side by side, so that their order is no matter of course. */
    @Test
    void burstUnderOneKeyIsDoneInTheOrderInWhichItWasPublished() {
        List<String> texts =
                IntStream.rangeClosed(1, 30).mapToObj(i -> text + " " + i).toList();

        List<String> actions = texts.stream()
                .map(content -> portal.publish(
                        text,
                        portal.action(
                                TEAMS, "BEN", PortalOfTests.channelMessage(Seed.TEAM_ID, Seed.GENERAL_ID, content))))
                .toList();

        actions.forEach(action ->
                assertThat(portal.result(action).path("outcome").asText()).isEqualTo("done"));
        List<String> oldestFirst = new ArrayList<>(microsoft.contents(Seed.GENERAL_ID));
        Collections.reverse(oldestFirst);
        assertThat(oldestFirst.stream().filter(texts::contains).toList()).isEqualTo(texts);
    }

    @Test
    void actionMayComeOverHttpAndOverKafkaAndActsOnce() {
        Event<Object> event = mail();
        String body = "{\"specversion\":\"1.0\",\"id\":\"" + event.id() + "\",\"source\":\"" + event.source()
                + "\",\"type\":\"" + event.type() + "\",\"portaluser\":\"ADA\",\"registration\":\"Main\",\"data\":"
                + event.data() + "}";
        String path = "/api/portals/" + portal.id + "/actions";
        given().contentType("application/json").body(body).post(path).then().statusCode(401);
        await().until(() -> post(path, body) == 202);
        assertThat(post(path, body)).isEqualTo(202);
        int deadLetters = deadLetters();
        publish(event);

        portal.result(event.id());
        assertNothingMoreComes(event.id());
        assertThat(arrived()).isEqualTo(1);
        assertThat(deadLetters()).isEqualTo(deadLetters);
        given().header("X-API-Key", portal.key)
                .get(path + "/" + event.id())
                .then()
                .statusCode(200)
                .body("state", org.hamcrest.Matchers.equalTo("finished"))
                .body("result.outcome", org.hamcrest.Matchers.equalTo("done"));
        assertThat(post(path, body.replace(text, "another"))).isEqualTo(409);
        assertThat(post(path, body.replace(event.source().toString(), "/another")))
                .isEqualTo(409);
        assertThat(post(path, "{\"type\":\"mail.send.v1\"}")).isEqualTo(400);
    }

    private int deadLetters() {
        return PortalOfTests.records(Topics.deadLetter(Topics.actions(portal.id)))
                .size();
    }

    private int post(String path, String body) {
        return given().header("X-API-Key", portal.key)
                .contentType("application/json")
                .body(body)
                .post(path)
                .statusCode();
    }

    private String problemOf(String action, String outcome) {
        JsonNode result = portal.result(action);
        assertThat(result.path("outcome").asText()).isEqualTo(outcome);
        return result.at("/problem/type").asText();
    }

    private String state(String action) throws SQLException {
        return column("state", action);
    }

    private String step(String action) throws SQLException {
        return column("step", action);
    }

    private String column(String column, String action) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement("select " + column + " from action where action_id = ?")) {
            statement.setString(1, action);
            try (var rows = statement.executeQuery()) {
                return rows.next() && rows.getString(1) != null ? rows.getString(1) : "";
            }
        }
    }

    private void sql(String text) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(text);
        }
    }
}
