package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;

class SubscriptionTest {

    private static final String INBOX = "/users/" + Seed.ADA + "/mailFolders('inbox')/messages";
    private static final String CHANNEL = "/teams/" + Seed.TEAM_ID + "/channels/" + Seed.GENERAL_ID + "/messages";

    private static Emulator emulator;
    private static GraphClientOfTests graph;

    private WebhookOfTests webhook;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        graph = new GraphClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
        graph.control("POST", "/graph", "{\"delivery\":{\"backoffFirstSeconds\":0.1}}");
        webhook = new WebhookOfTests();
    }

    @AfterEach
    void hangUp() {
        webhook.close();
    }

    private String body(String resource, Duration life, Map<String, String> more) {
        ObjectNode body = new ObjectMapper()
                .createObjectNode()
                .put("changeType", "created,updated,deleted")
                .put("notificationUrl", webhook.url("/notifications?portal=demo"))
                .put("lifecycleNotificationUrl", webhook.url("/lifecycle"))
                .put("resource", resource)
                .put("clientState", "s3cret")
                .put("expirationDateTime", emulator.clock().instant().plus(life).toString());
        more.forEach((name, value) -> {
            if (value.isEmpty()) {
                body.remove(name);
            } else {
                body.put(name, value);
            }
        });
        return body.toString();
    }

    private Answer subscribe(String token, String resource, Map<String, String> more, String... headers) {
        return graph.post(token, "/subscriptions", body(resource, Duration.ofHours(2), more), headers);
    }

    private static void somebodyMails(String subject, int count) {
        graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.ADA + "\",\"subject\":\"" + subject + "\",\"count\":"
                + count + "}");
    }

    private static void somebodyMails(String subject) {
        graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.ADA + "\",\"subject\":\"" + subject + "\"}");
    }

    @Test
    void creationValidatesBothUrlsAndAnswersTheWholeSubscription() {
        Answer answer = subscribe(graph.appToken(), INBOX, Map.of());

        assertThat(answer.status()).as(answer.http().body()).isEqualTo(201);
        assertThat(answer.json().path("resource").asText()).isEqualTo(INBOX);
        assertThat(answer.json().path("clientState").asText()).isEqualTo("s3cret");
        assertThat(answer.json().path("applicationId").asText()).isEqualTo(Seed.CLIENT_ID);
        assertThat(answer.json().path("creatorId").asText()).isEqualTo(Seed.SERVICE_PRINCIPAL_ID);
        assertThat(answer.json().path("latestSupportedTlsVersion").asText()).isEqualTo("v1_2");
        assertThat(webhook.tokens()).hasSize(2);
        assertThat(webhook.tokens().get(0))
                .startsWith("Validation: Testing client application reachability for subscription Request-Id: ");
        assertThat(webhook.rawQueries().get(0)).startsWith("portal=demo&validationToken=Validation%3A+Testing+client");
        assertThat(webhook.rawQueries().get(1)).contains("%20", "%2B", "%25", "%C3%BC");

        Answer read = graph.get(graph.appToken(), "/subscriptions/" + answer.id());
        assertThat(read.json().path("clientState").isNull()).isTrue();
        assertThat(graph.get(graph.appToken(), "/subscriptions").json().path("value"))
                .hasSize(1);
        assertThat(graph.get(graph.tokenOf(Seed.BEN), "/subscriptions").json().path("value"))
                .isEmpty();
        assertThat(graph.get(graph.tokenOf(Seed.BEN), "/subscriptions/" + answer.id())
                        .errorCode())
                .isEqualTo("ResourceNotFound");
    }

    @Test
    void aCarelessEndpointGetsNoSubscription() {
        webhook.echo = token -> token + "\n";
        Answer newline = subscribe(graph.appToken(), INBOX, Map.of());
        assertThat(newline.status()).isEqualTo(400);
        assertThat(newline.errorMessage())
                .isEqualTo("Subscription validation request failed. Response must exactly match validationToken query"
                        + " parameter.");
        webhook.echo = token -> token.replace("+", " ");
        assertThat(subscribe(graph.appToken(), INBOX, Map.of()).status()).isEqualTo(400);
        assertThat(subscribe(graph.appToken(), INBOX, Map.of("lifecycleNotificationUrl", ""))
                        .status())
                .isEqualTo(201);
        assertThat(subscribe(graph.appToken(), INBOX, Map.of("notificationUrl", "http://localhost:1/none"))
                        .status())
                .isEqualTo(409);
        assertThat(graph.post(
                                graph.appToken(),
                                "/subscriptions",
                                body(
                                        "/users/" + Seed.BEN + "/messages",
                                        Duration.ofHours(1),
                                        Map.of("notificationUrl", "http://localhost:1/none")))
                        .errorCode())
                .isEqualTo("InvalidRequest");
    }

    @Test
    void badRequestsAreRefusedEachForItsReason() {
        String app = graph.appToken();
        assertThat(subscribe(app, INBOX, Map.of("clientState", "x".repeat(129))).status())
                .isEqualTo(400);
        assertThat(subscribe(app, INBOX, Map.of("changeType", "moved")).status())
                .isEqualTo(400);
        assertThat(subscribe(app, INBOX, Map.of("notificationUrl", "http://example.com/hook"))
                        .status())
                .isEqualTo(400);
        assertThat(subscribe(app, "/planner/plans", Map.of()).status()).isEqualTo(400);
        assertThat(subscribe(app, "/users/" + Seed.ADA + "/mailFolders/AAMkAGUwNjQ4ZjIxAAA=/messages", Map.of())
                        .status())
                .isEqualTo(404);
        assertThat(subscribe(app, "/teams/" + Seed.TEAM_ID + "/channels/19:none@thread.tacv2/messages", Map.of())
                        .status())
                .isEqualTo(404);
        assertThat(subscribe(app, "/me/messages", Map.of()).errorMessage())
                .isEqualTo("/me request is only valid with delegated authentication flow.");
        assertThat(subscribe(graph.tokenOf(Seed.BEN), INBOX, Map.of()).errorCode())
                .isEqualTo("ErrorAccessDenied");
        assertThat(subscribe(graph.tokenOf(Seed.BEN, Set.of("User.Read")), CHANNEL, Map.of())
                        .errorCode())
                .isEqualTo("Forbidden");
        Answer tooLong = graph.post(app, "/subscriptions", body(INBOX, Duration.ofDays(8), Map.of()));
        assertThat(tooLong.errorMessage())
                .isEqualTo("Subscription expiration can only be 10080 minutes in the future.");
        Answer noLifecycle = subscribe(app, CHANNEL, Map.of("lifecycleNotificationUrl", ""));
        assertThat(noLifecycle.errorMessage())
                .isEqualTo("'lifecycleNotificationUrl' is a required property for subscription creation on this"
                        + " resource when the 'expirationDateTime' value is set to greater than 1 hour.");
    }

    @Test
    void aSecondOneOfTheSameKindIsAConflict() {
        String app = graph.appToken();
        assertThat(subscribe(app, INBOX, Map.of()).status()).isEqualTo(201);
        assertThat(subscribe(app, CHANNEL, Map.of()).status()).isEqualTo(201);

        Answer mail = subscribe(
                app,
                "users/" + Seed.ADA_OID + "/mailfolders/Inbox/messages",
                Map.of("changeType", "deleted,updated,created"));
        Answer channel = subscribe(graph.tokenOf(Seed.BEN), CHANNEL, Map.of("changeType", "created"));

        assertThat(mail.status()).isEqualTo(409);
        assertThat(mail.errorCode()).isEqualTo("Conflict");
        assertThat(channel.status()).isEqualTo(409);
        assertThat(channel.errorCode()).isEqualTo("ExtensionError");
        assertThat(subscribe(app, INBOX, Map.of("changeType", "created")).status())
                .isEqualTo(201);
    }

    @Test
    void aShortLifeIsLiftedRenewalExtendsItAndTheClockEndsIt() {
        String app = graph.appToken();
        Answer created = graph.post(app, "/subscriptions", body(INBOX, Duration.ofMinutes(1), Map.of()));
        Instant expiry = Instant.parse(created.json().path("expirationDateTime").asText());
        assertThat(Duration.between(emulator.clock().instant(), expiry)).isGreaterThan(Duration.ofMinutes(44));

        Instant wanted = emulator.clock().instant().plus(Duration.ofDays(6));
        Answer renewed =
                graph.patch(app, "/subscriptions/" + created.id(), "{\"expirationDateTime\":\"" + wanted + "\"}");
        assertThat(renewed.status()).isEqualTo(200);
        assertThat(Instant.parse(renewed.json().path("expirationDateTime").asText()))
                .isEqualTo(wanted);
        assertThat(graph.patch(app, "/subscriptions/" + created.id(), "{}").status())
                .isEqualTo(400);
        assertThat(graph.post(app, "/subscriptions/" + created.id() + "/reauthorize", "")
                        .status())
                .isEqualTo(204);

        emulator.advance(Duration.ofDays(7));
        String later = graph.appToken();
        assertThat(graph.patch(later, "/subscriptions/" + created.id(), "{\"expirationDateTime\":\"" + wanted + "\"}")
                        .status())
                .isEqualTo(404);
        assertThat(graph.delete(later, "/subscriptions/" + created.id()).status())
                .isEqualTo(404);
    }

    @Test
    void anotherNotificationUrlIsValidatedBeforeItCountsAndTheOneForLifecycleStaysAsItWas() {
        String app = graph.appToken();
        Answer created = subscribe(app, INBOX, Map.of());
        String path = "/subscriptions/" + created.id();
        String lifecycle = created.json().path("lifecycleNotificationUrl").asText();
        String here = webhook.url("/notifications?portal=demo");
        String there = webhook.url("/elsewhere");

        webhook.echo = token -> "no";
        Answer refused = graph.patch(app, path, "{\"notificationUrl\":\"" + there + "\"}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(graph.get(app, path).json().path("notificationUrl").asText()).isEqualTo(here);

        webhook.echo = token -> token;
        int before = webhook.tokens().size();
        Answer moved = graph.patch(
                app, path, "{\"notificationUrl\":\"" + there + "\",\"lifecycleNotificationUrl\":\"" + there + "\"}");
        assertThat(moved.status()).isEqualTo(200);
        assertThat(moved.json().path("notificationUrl").asText()).isEqualTo(there);
        assertThat(moved.json().path("lifecycleNotificationUrl").asText()).isEqualTo(lifecycle);
        assertThat(moved.json().path("expirationDateTime"))
                .isEqualTo(created.json().path("expirationDateTime"));
        assertThat(webhook.tokens()).hasSize(before + 1);

        somebodyMails("told elsewhere");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !webhook.items("/elsewhere").isEmpty());
    }

    @Test
    void changesArriveWithTheirKindAndCanBeFetched() {
        String app = graph.appToken();
        Answer created = subscribe(app, INBOX, Map.of());

        somebodyMails("One");
        graph.activity("{\"kind\":\"mail\",\"op\":\"update\",\"mailbox\":\"" + Seed.ADA + "\"}");
        graph.activity("{\"kind\":\"mail\",\"op\":\"delete\",\"mailbox\":\"" + Seed.ADA + "\"}");

        await().untilAsserted(() -> assertThat(webhook.items("/notifications")).hasSize(3));
        List<JsonNode> items = webhook.items("/notifications");
        assertThat(items)
                .extracting(item -> item.path("changeType").asText())
                .containsExactlyInAnyOrder("created", "updated", "deleted");
        for (JsonNode item : items) {
            assertThat(item.path("subscriptionId").asText()).isEqualTo(created.id());
            assertThat(item.path("clientState").asText()).isEqualTo("s3cret");
            assertThat(item.path("tenantId").asText()).isEqualTo(Seed.TENANT_ID);
            assertThat(item.path("resourceData").path("@odata.type").asText())
                    .isEqualToIgnoringCase("#microsoft.graph.message");
            OffsetDateTime.parse(item.path("subscriptionExpirationDateTime").asText());
            int status = graph.get(app, "/" + item.path("resource").asText()).status();
            assertThat(status).isIn(200, 404);
        }
    }

    @Test
    void aSubscriptionWithImmutableIdsNamesThem() {
        subscribe(graph.appToken(), INBOX, Map.of(), "Prefer", "IdType=\"ImmutableId\"");
        JsonNode made = graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.ADA + "\"}")
                .path("items")
                .path(0);

        await().untilAsserted(() -> assertThat(webhook.items("/notifications")).hasSize(1));
        assertThat(webhook.items("/notifications").get(0).path("resourceData").path("id"))
                .isEqualTo(made.path("immutableId"));
    }

    @Test
    void aFilterTurnsReadingIntoADeletion() {
        subscribe(graph.appToken(), INBOX + "?$filter=isRead eq false", Map.of());
        somebodyMails("Unread");
        graph.activity(
                "{\"kind\":\"mail\",\"op\":\"update\",\"mailbox\":\"" + Seed.ADA + "\",\"change\":{\"isRead\":true}}");

        await().untilAsserted(() -> assertThat(webhook.items("/notifications"))
                .extracting(item -> item.path("changeType").asText())
                .containsExactlyInAnyOrder("created", "deleted"));
    }

    @Test
    void channelMessagesAndRepliesArrive() {
        subscribe(graph.appToken(), CHANNEL, Map.of());
        String post = graph.activity("{\"kind\":\"channelMessage\",\"channel\":\"General\"}")
                .path("ids")
                .path(0)
                .asText();
        String reply = graph.activity(
                        "{\"kind\":\"channelMessage\",\"channel\":\"General\",\"replyTo\":\"" + post + "\"}")
                .path("ids")
                .path(0)
                .asText();
        graph.activity("{\"kind\":\"channelMessage\",\"channel\":\"Milestones\"}");

        await().untilAsserted(() -> assertThat(webhook.items("/notifications")).hasSize(2));
        String thread = "teams('" + Seed.TEAM_ID + "')/channels('" + Seed.GENERAL_ID + "')/messages('" + post + "')";
        assertThat(webhook.items("/notifications"))
                .extracting(item -> item.path("resource").asText())
                .containsExactlyInAnyOrder(thread, thread + "/replies('" + reply + "')");
    }

    @Test
    void severalItemsComeInOnePost() {
        subscribe(graph.appToken(), INBOX, Map.of());

        graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.ADA + "\",\"count\":30}");

        await().untilAsserted(() -> assertThat(webhook.items("/notifications")).hasSize(30));
        assertThat(webhook.deliveries()).hasSizeLessThan(30);
    }

    @Test
    void whatIsNotAcceptedComesAgain() {
        subscribe(graph.appToken(), INBOX, Map.of());
        webhook.answers(503, 404);

        somebodyMails("Again");

        await().untilAsserted(() -> assertThat(webhook.items("/notifications")).hasSize(1));
        JsonNode log = graph.control("GET", "/notifications", "").path("log");
        assertThat(log).extracting(entry -> entry.path("outcome").asText()).containsExactly("503", "404", "202");
        assertThat(log).extracting(entry -> entry.path("attempt").asInt()).containsExactly(1, 2, 3);
    }

    @Test
    void aSlowAnswerDoesNotCount() {
        graph.control("POST", "/graph", "{\"delivery\":{\"firstTimeoutSeconds\":0.3}}");
        subscribe(graph.appToken(), INBOX, Map.of());
        webhook.delayMillis = 600;

        somebodyMails("Slow");

        await().untilAsserted(
                        () -> assertThat(webhook.items("/notifications").size()).isGreaterThanOrEqualTo(2));
        assertThat(graph.control("GET", "/notifications", "")
                        .path("log")
                        .path(0)
                        .path("outcome")
                        .asText())
                .contains("no answer within");
    }

    @Test
    void anAnswerMayTakeThreeSecondsAndWhatIsSentAgainTen() {
        JsonNode delivery = graph.control("GET", "/graph", "").path("delivery");
        assertThat(delivery.path("firstTimeoutSeconds").asInt()).isEqualTo(3);
        assertThat(delivery.path("retryTimeoutSeconds").asInt()).isEqualTo(10);
        subscribe(graph.appToken(), INBOX, Map.of());
        webhook.delayMillis = 3_200;
        Instant begin = emulator.clock().instant();

        somebodyMails("Slow");

        await().untilAsserted(() -> assertThat(attempts()).hasSize(1));
        assertThat(attempts().get(0).path("outcome").asText()).contains("no answer within");
        assertThat(Duration.between(begin, at(attempts().get(0)))).isGreaterThanOrEqualTo(Duration.ofMillis(2_900));
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(attempts())
                .extracting(entry -> entry.path("outcome").asText())
                .last()
                .isEqualTo("202"));
        assertThat(attempts()).hasSize(2);
    }

    /** Those of changes; lifecycle notifications have a URL of their own. */
    private static List<JsonNode> attempts() {
        List<JsonNode> attempts = new ArrayList<>();
        graph.control("GET", "/notifications", "").path("log").forEach(entry -> {
            if (entry.path("url").asText().contains("/notifications")) {
                attempts.add(entry);
            }
        });
        return attempts;
    }

    private static Instant at(JsonNode attempt) {
        return Instant.parse(attempt.path("at").asText());
    }

    @Test
    void pausesDoubleFromASecondToTenMinutesUntilFourHoursAreOver() {
        emulator.reset();
        graph.post(graph.appToken(), "/subscriptions", body(INBOX, Duration.ofDays(6), Map.of()));
        webhook.status = () -> 503;
        somebodyMails("Nobody takes it");

        // Its clock stops a little before each attempt is due: one that comes too early is seen to.
        List<Integer> pauses = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600);
        Duration little = Duration.ofMillis(300);
        for (int n = 0; n < pauses.size(); n++) {
            int sent = n + 1;
            await().untilAsserted(() -> assertThat(attempts()).hasSize(sent));
            emulator.advance(Duration.ofSeconds(pauses.get(n)).minus(little));
            await().untilAsserted(() -> assertThat(attempts()).hasSize(sent + 1));
            List<JsonNode> made = attempts();
            assertThat(Duration.between(at(made.get(n)), at(made.get(n + 1))))
                    .as("pause %s", sent)
                    .isBetween(
                            Duration.ofSeconds(pauses.get(n)).minusMillis(1), Duration.ofSeconds(pauses.get(n) + 30L));
        }
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    emulator.advance(Duration.ofMinutes(2));
                    return attempts().stream()
                            .anyMatch(entry -> entry.path("outcome").asText().equals("given up"));
                });
        List<JsonNode> all = attempts();
        assertThat(Duration.between(at(all.get(0)), at(all.get(all.size() - 1))))
                .isBetween(Duration.ofMinutes(220), Duration.ofMinutes(241));
    }

    @Test
    void afterFourHoursTheItemIsLostAndOutlookSaysMissed() {
        subscribe(graph.appToken(), INBOX, Map.of());
        graph.control("POST", "/graph", "{\"delivery\":{\"retryWindowSeconds\":0.2}}");
        webhook.answers(503, 503, 503);

        somebodyMails("Lost");

        await().untilAsserted(() -> assertThat(webhook.items("/lifecycle")).hasSize(1));
        assertThat(webhook.items("/lifecycle").get(0).path("lifecycleEvent").asText())
                .isEqualTo("missed");
        assertThat(webhook.items("/notifications")).isEmpty();
    }

    @Test
    void notificationsAreDroppedDuplicatedAndHeldBackOnDemand() {
        subscribe(graph.appToken(), INBOX, Map.of());
        graph.control("POST", "/notifications", "{\"drop\":true,\"times\":1}");
        somebodyMails("Dropped");
        graph.control("POST", "/notifications", "{\"drop\":false,\"duplicate\":true,\"times\":1,\"pause\":true}");
        somebodyMails("Twice");
        assertThat(graph.control("GET", "/notifications", "").path("waiting").asInt())
                .isEqualTo(2);
        graph.control("POST", "/notifications", "{\"pause\":false}");

        await().untilAsserted(() -> assertThat(webhook.items("/notifications")).hasSize(2));
        assertThat(webhook.items("/notifications").get(0))
                .isEqualTo(webhook.items("/notifications").get(1));
    }

    @Test
    void someAreDroppedAndOthersComeTwiceEachWithAChanceOfItsOwn() {
        subscribe(graph.appToken(), INBOX, Map.of());
        graph.control("POST", "/notifications", "{\"drop\":0.3,\"pause\":true}");
        somebodyMails("Perhaps", 60);
        int kept = graph.control("GET", "/notifications", "").path("waiting").asInt();
        graph.control("POST", "/notifications", "{\"drop\":0,\"duplicate\":0.3}");
        somebodyMails("Perhaps twice", 60);
        int withTwins =
                graph.control("GET", "/notifications", "").path("waiting").asInt() - kept;

        assertThat(kept).isBetween(20, 58);
        assertThat(withTwins).isBetween(62, 100);
        assertThat(graph.call("POST", "", emulator.httpBase() + "/_emulator/notifications", "{\"drop\":1.5}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void lifecycleEventsAreSentOnDemandAndBeforeTheEnd() {
        Answer created = subscribe(graph.appToken(), INBOX, Map.of());

        graph.control("POST", "/notifications", "{\"lifecycle\":{\"event\":\"missed\"}}");
        await().untilAsserted(() -> assertThat(webhook.items("/lifecycle")).hasSize(1));
        JsonNode missed = webhook.items("/lifecycle").get(0);
        assertThat(missed.path("lifecycleEvent").asText()).isEqualTo("missed");
        assertThat(missed.path("subscriptionId").asText()).isEqualTo(created.id());
        assertThat(missed.path("clientState").asText()).isEqualTo("s3cret");
        assertThat(missed.has("resource")).isFalse();

        emulator.advance(Duration.ofMinutes(100));
        await().untilAsserted(() -> assertThat(webhook.items("/lifecycle"))
                .extracting(item -> item.path("lifecycleEvent").asText())
                .contains("reauthorizationRequired"));

        graph.control(
                "POST",
                "/notifications",
                "{\"lifecycle\":{\"event\":\"subscriptionRemoved\",\"subscriptionId\":\"" + created.id() + "\"}}");
        await().untilAsserted(() -> assertThat(webhook.items("/lifecycle")).hasSize(3));
        assertThat(graph.get(graph.appToken(), "/subscriptions/" + created.id()).status())
                .isEqualTo(404);
    }

    private void mailsThatAreAnsweredSlowly(int slow, int all) {
        for (int n = 0; n < all; n++) {
            webhook.delayMillis = n < slow ? 600 : 0;
            somebodyMails("Mail " + n);
            int sent = n + 1;
            await().until(() -> attempts().size() == sent);
        }
        webhook.delayMillis = 0;
    }

    private String endpoint() {
        JsonNode endpoints = graph.control("GET", "/notifications", "").path("endpoints");
        return endpoints.path(webhook.url("/notifications?portal=demo")).asText();
    }

    @Test
    void anEndpointThatIsSlowInOneOfTenAnswersIsNotYetSlow() {
        graph.control("POST", "/graph", "{\"delivery\":{\"slow\":{\"overSeconds\":0.5}}}");
        subscribe(graph.appToken(), INBOX, Map.of());

        mailsThatAreAnsweredSlowly(1, 10);

        assertThat(endpoint()).isEqualTo("normal");
    }

    @Test
    void anEndpointThatIsSlowInMoreThanATenthGetsEverythingNewTenMinutesLate() {
        JsonNode slow = graph.control("GET", "/graph", "").path("delivery").path("slow");
        assertThat(slow.path("percent").asInt()).isEqualTo(10);
        assertThat(slow.path("overSeconds").asInt()).isEqualTo(3);
        graph.control("POST", "/graph", "{\"delivery\":{\"slow\":{\"overSeconds\":0.5}}}");
        graph.post(graph.appToken(), "/subscriptions", body(INBOX, Duration.ofDays(6), Map.of()));
        mailsThatAreAnsweredSlowly(2, 10);
        assertThat(endpoint()).isEqualTo("slow");

        // What is new near the end of these ten minutes waits as long as what was new at their beginning.
        emulator.advance(Duration.ofMinutes(9));
        somebodyMails("Late");
        emulator.advance(Duration.ofMinutes(2));
        assertThat(endpoint()).isEqualTo("normal");
        somebodyMails("At once");
        await().until(() -> attempts().size() == 11);
        emulator.advance(Duration.ofMinutes(7));
        somebodyMails("At once again");
        await().until(() -> attempts().size() == 12);
        assertThat(graph.control("GET", "/notifications", "").path("waiting").asInt())
                .isEqualTo(1);

        emulator.advance(Duration.ofMinutes(1));

        await().until(() -> webhook.items("/notifications").size() == 13);
        assertThat(Duration.between(at(attempts().get(10)), at(attempts().get(12))))
                .isGreaterThanOrEqualTo(Duration.ofMinutes(8));
    }

    @Test
    void anEndpointThatIsSlowTooOftenLosesNotifications() {
        graph.control("POST", "/graph", "{\"delivery\":{\"drop\":{\"overSeconds\":0.01},\"firstTimeoutSeconds\":2}}");
        subscribe(graph.appToken(), INBOX, Map.of());
        webhook.delayMillis = 50;
        for (int n = 0; n < 12; n++) {
            somebodyMails("Slow " + n);
            int sent = n + 1;
            await().until(() -> webhook.items("/notifications").size() >= Math.min(sent, 10));
        }

        JsonNode state = graph.control("GET", "/notifications", "");

        assertThat(state.path("endpoints").toString()).contains("\"drop\"");
        assertThat(webhook.items("/notifications")).hasSize(10);
        await().untilAsserted(() -> assertThat(webhook.items("/lifecycle"))
                .extracting(item -> item.path("lifecycleEvent").asText())
                .contains("missed"));
    }

    @Test
    void whileTheTokenBehindItIsOverNotificationsWaitForReauthorisation() {
        Answer created = graph.post(graph.appToken(), "/subscriptions", body(INBOX, Duration.ofDays(6), Map.of()));
        emulator.advance(Duration.ofHours(2));
        somebodyMails("Waits");
        await().untilAsserted(() -> assertThat(webhook.items("/lifecycle"))
                .extracting(item -> item.path("lifecycleEvent").asText())
                .containsExactly("reauthorizationRequired"));
        assertThat(webhook.items("/notifications")).isEmpty();

        graph.post(graph.appToken(), "/subscriptions/" + created.id() + "/reauthorize", "");

        await().untilAsserted(() -> assertThat(webhook.items("/notifications")).hasSize(1));
    }

    @Test
    void afterFourHoursWithoutReauthorisationTheyAreLost() {
        Answer created = graph.post(graph.appToken(), "/subscriptions", body(INBOX, Duration.ofDays(6), Map.of()));
        emulator.advance(Duration.ofHours(2));
        somebodyMails("Lost");
        emulator.advance(Duration.ofHours(5));
        await().untilAsserted(() -> assertThat(webhook.items("/lifecycle"))
                .extracting(item -> item.path("lifecycleEvent").asText())
                .containsExactlyInAnyOrder("reauthorizationRequired", "missed"));

        graph.post(graph.appToken(), "/subscriptions/" + created.id() + "/reauthorize", "");
        somebodyMails("Arrives");

        await().untilAsserted(() -> assertThat(webhook.items("/notifications")).isNotEmpty());
        assertThat(webhook.items("/notifications")).hasSize(1);
        assertThat(graph.control("GET", "/notifications", "").path("waiting").asInt())
                .isZero();
    }

    @Test
    void shortLivesAreGrantedForBlackBoxTests() {
        try (Emulator brief = Emulator.start(EmulatorOptions.defaults().withShortLives())) {
            GraphClientOfTests client = new GraphClientOfTests(brief);

            Answer answer =
                    client.post(client.appToken(), "/subscriptions", body(CHANNEL, Duration.ofDays(2), Map.of()));

            assertThat(Instant.parse(answer.json().path("expirationDateTime").asText()))
                    .isBetween(Instant.now().plusSeconds(110), Instant.now().plusSeconds(121));
        }
    }

    @Test
    void plainHttpOnThisMachineCanBeForbidden() {
        try (Emulator strict = Emulator.start(EmulatorOptions.defaults().withAllowLoopbackHttpNotifications(false))) {
            GraphClientOfTests client = new GraphClientOfTests(strict);

            Answer answer =
                    client.post(client.appToken(), "/subscriptions", body(INBOX, Duration.ofHours(2), Map.of()));

            assertThat(answer.status()).isEqualTo(400);
        }
    }
}
