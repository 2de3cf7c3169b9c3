package org.m365connector.sync.watch;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Entitlement;
import org.m365connector.events.Event;
import org.m365connector.events.WatchRequest;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;
import org.m365connector.sync.PortalOfTests;
import org.m365connector.sync.change.DeletedResources;
import org.m365connector.sync.door.ClientStates;
import org.m365connector.view.Views;

/** Whatever happens to notifications on their way: the portal learns what is true. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class WatchIT {
    private static final String INBOX = "users/" + Seed.CLARA + "/mailFolders/inbox/messages";
    private static final String KNOWN =
            "select count(*) from known_resource where container_id in (select id from container where portal = ?)";
    private static final String GENERAL = "teams/" + Seed.TEAM_ID + "/channels/" + Seed.GENERAL_ID + "/messages";

    @Inject
    DataSource database;

    @Inject
    ClientStates clientStates;

    @Inject
    DeletedResources deletedResources;

    @Inject
    Views views;

    @Inject
    MeterRegistry meters;

    private final Microsoft microsoft = new Microsoft();
    private final List<String> watches = new ArrayList<>();
    private PortalOfTests portal;

    @BeforeEach
    void onboard() {
        microsoft.calm();
        portal = new PortalOfTests();
    }

    @AfterEach
    void leave() {
        microsoft.calm();
        watches.forEach(watch -> request().delete(path() + "/" + watch));
        await().atMost(Duration.ofMinutes(3)).until(() -> watches.stream()
                .allMatch(watch -> request().get(path() + "/" + watch).statusCode() == 404));
        portal.close();
    }

    private RequestSpecification request() {
        return given().header("X-API-Key", portal.key).contentType("application/json");
    }

    private String path() {
        return "/api/portals/" + portal.id + "/registrations/Main/watches";
    }

    private String post(String json) {
        Response answer = await().until(
                        () -> request().body(json.replace('\'', '"')).post(path()),
                        response -> response.statusCode() != 401);
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(201);
        watches.add(answer.path("id"));
        return answer.path("id");
    }

    private String watch(String json) {
        String id = post(json);
        await("watch is active")
                .atMost(Duration.ofMinutes(3))
                .until(() -> get(id).getString("state"), "active"::equals);
        return id;
    }

    private JsonPath get(String watch) {
        return request().get(path() + "/" + watch).jsonPath();
    }

    private String watchInbox() {
        return watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
    }

    private String watchChannel() {
        return watch("{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'" + Seed.GENERAL_ID
                + "'},'portaluser':'ADA'}");
    }

    private void newMail(String subject) {
        microsoft.activity("{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA + "','subject':'" + subject + "'}");
    }

    private List<Event<JsonNode>> changesOf(String type) {
        return portal.changes().stream()
                .filter(change -> change.type().equals(type))
                .toList();
    }

    @Test
    void newChangedAndDeletedMailArrive() throws SQLException {
        newMail("before the watch");
        // Graph tells its time in whole seconds, and what happened in the same second is rather told than kept.
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
        watchInbox();

        newMail("hello");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
        Event<JsonNode> created = changesOf("mail-created.v1").get(0);
        assertThat(created.data().at("/resource/subject").asText()).isEqualTo("hello");
        assertThat(created.source()).hasToString("/m365/" + portal.id + "/Main");
        assertThat(created.subject().orElseThrow()).matches("users/.+/mailFolders/.+/messages/.+");

        microsoft.activity("{'kind':'mail','op':'update','mailbox':'" + Seed.CLARA + "'}");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-updated.v1").size() == 1);
        assertThat(changesOf("mail-updated.v1").get(0).data().path("changed").toString())
                .contains("isRead");

        microsoft.activity("{'kind':'mail','op':'delete','mailbox':'" + Seed.CLARA + "'}");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-deleted.v1").size() == 1);
        assertThat(changesOf("mail-deleted.v1").get(0).data().at("/resource/id"))
                .isEqualTo(created.data().at("/resource/id"));
        assertThat(changesOf("mail-created.v1")).hasSize(1);

        // A month later nothing of it is left.
        long known = number(KNOWN);
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute("update known_resource set deleted_at = deleted_at - interval '31 days' where deleted");
        }
        deletedResources.forget();
        assertThat(number(KNOWN)).isEqualTo(known - 1);
    }

    @Test
    void watchIsAskedForByAnActionOnceHoweverOftenItComes() {
        Event<Object> action = portal.action(
                WatchRequest.TYPE,
                "CLARA",
                Map.of("kind", "mail-folder", "resource", Map.of("folder", "inbox"), "portaluser", "BEN"));
        portal.publish(action);
        JsonNode result = portal.result(action.id());
        assertThat(result.path("outcome").asText()).isEqualTo("done");
        String id = result.at("/ids/watchId").asText();
        watches.add(id);
        await("watch is active")
                .atMost(Duration.ofMinutes(3))
                .until(() -> get(id).getString("state"), "active"::equals);
        assertThat(get(id).getString("portaluser")).isEqualTo("CLARA");

        portal.publish(action);
        newMail("asked for by an event");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
        assertThat(request().get(path()).jsonPath().getList("items")).hasSize(1);
        assertThat(portal.completed(action.id())).hasSize(1);
    }

    @Test
    void watchThatCannotBeIsRefusedWithItsReason() {
        Map<Object, String> refused = Map.of(
                Map.of("kind", "fax-machine", "resource", Map.of()), "kind is none of",
                Map.of("kind", "channel", "resource", Map.of("teamId", "t")), "resource.channelId is missing",
                Map.of("kind", "mail-folder"), "resource is missing");
        refused.forEach((data, reason) -> {
            Event<Object> action = portal.action(WatchRequest.TYPE, "CLARA", data);
            portal.publish(action);
            JsonNode result = portal.result(action.id());
            assertThat(result.path("outcome").asText()).isEqualTo("rejected");
            assertThat(result.at("/problem/detail").asText()).contains(reason);
        });
        assertThat(request().get(path()).jsonPath().getList("items")).isEmpty();
    }

    @Test
    void whereGraphDoesNotReachTheDoorItIsPolledAndNotificationsTakeOverAgain() {
        microsoft.switches("{'validation':{'reachable':false}}");
        String watch = watchInbox();
        await().atMost(Duration.ofMinutes(3)).until(() -> get(watch).getString("updates.mode"), "polling"::equals);
        assertThat(get(watch).getString("updates.reason")).isEqualTo("not-subscribed");
        assertThat(get(watch).getLong("updates.callsPerDay")).isEqualTo(86_400);
        newMail("found by polling");
        await().atMost(Duration.ofMinutes(3)).until(() -> told("found by polling") == 1);

        microsoft.switches("{'validation':{'reachable':true}}");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> get(watch).getString("updates.mode"), "notifications"::equals);
        assertThat(get(watch).getString("subscription.id")).isNotEmpty();
    }

    @Test
    void channelThatGraphCannotTellOfIsPolledOnlyWhereTheOperatorHasChosenIt() {
        microsoft.switches("{'validation':{'reachable':false}}");
        String watch = watchChannel();

        await().atMost(Duration.ofMinutes(3)).until(() -> get(watch).getString("updates.mode"), "polling"::equals);
        assertThat(get(watch).getString("updates.every")).isNull();
    }

    @Test
    void subscriptionWhoseNotificationsDoNotComeIsMadeAnewThenPolledAndTrustedAgainWhenTheyCome() {
        String watch = watchInbox();
        String first = get(watch).getString("subscription.id");
        microsoft.notifications("{'drop':true}");
        AtomicInteger mails = new AtomicInteger();
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    newMail("missed " + mails.incrementAndGet());
                    String id = get(watch).getString("subscription.id");
                    return id != null && !id.equals(first);
                });
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    newMail("missed " + mails.incrementAndGet());
                    return "notifications-missed".equals(get(watch).getString("updates.reason"));
                });
        await().atMost(Duration.ofMinutes(3)).until(() -> microsoft.notificationsMissing(portal.id.value()));

        microsoft.notifications("{'drop':false}");
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    newMail("told " + mails.incrementAndGet());
                    return "notifications".equals(get(watch).getString("updates.mode"));
                });
        await().atMost(Duration.ofMinutes(3)).until(() -> !microsoft.notificationsMissing(portal.id.value()));
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == mails.get());
    }

    @Test
    void onlyMailsThatFitTheFilterAreToldWithWhatPeopleWroteWhereThatIsWanted() {
        String watch = watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA',"
                + "'filter':{'subject':'order','unread':true,'to':'" + Seed.CLARA + "'},'content':true}");
        assertThat(get(watch).getString("filter.subject")).isEqualTo("order");

        newMail("newsletter");
        microsoft.activity("{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA
                + "','subject':'Order 17','body':'seventeen pieces'}");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
        JsonNode told = changesOf("mail-created.v1").get(0).data().path("resource");
        assertThat(told.path("subject").asText()).isEqualTo("Order 17");
        assertThat(told.at("/body/content").asText()).contains("seventeen pieces");
        assertThat(told.path("to").toString()).contains(Seed.CLARA);

        // Read, it does not fit any more: that is told, and nothing after it.
        microsoft.activity("{'kind':'mail','op':'update','mailbox':'" + Seed.CLARA + "'}");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-updated.v1").size() == 1);
        microsoft.activity("{'kind':'mail','op':'delete','mailbox':'" + Seed.CLARA + "'}");
        newMail("Order 18");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 2);
        assertThat(changesOf("mail-deleted.v1")).isEmpty();
    }

    @Test
    void misspeltFilterIsRefused() {
        String json = "{'kind':'mail-folder','resource':{},'portaluser':'CLARA','filter':{'form':'x'}}";
        Response answer = await().until(
                        () -> request().body(json.replace('\'', '"')).post(path()),
                        response -> response.statusCode() != 401);
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.jsonPath().getString("type")).isEqualTo("/problems/invalid-watch");
        assertThat(answer.jsonPath().getString("detail")).contains("from, to, subject");
    }

    @Test
    void messageAndReplyInAChannelArrive() {
        watchChannel();

        JsonNode posted = microsoft.activity("{'kind':'channelMessage','op':'create','content':'Milestone'}");
        String root = posted.path("ids").get(0).asText();
        microsoft.activity("{'kind':'channelMessage','op':'create','content':'Well done','replyTo':'" + root + "'}");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("channel-message-created.v1").size() == 2);
        List<String> subjects = changesOf("channel-message-created.v1").stream()
                .map(change -> change.subject().orElseThrow())
                .toList();
        assertThat(subjects).anyMatch(subject -> subject.endsWith("/messages/" + root));
        assertThat(subjects).anyMatch(subject -> subject.contains("/messages/" + root + "/replies/"));

        microsoft.activity("{'kind':'channelMessage','op':'delete','id':'" + root + "'}");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("channel-message-deleted.v1").size() == 1);
    }

    @Test
    void replyThatVanishesWithoutAWordIsNamedWhereItWas() throws SQLException {
        watchChannel();
        String root = microsoft
                .activity("{'kind':'channelMessage','op':'create','content':'Question'}")
                .at("/ids/0")
                .asText();
        String reply = microsoft
                .activity("{'kind':'channelMessage','op':'create','content':'Answer','replyTo':'" + root + "'}")
                .at("/ids/0")
                .asText();
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("channel-message-created.v1").size() == 2);
        await().until(() -> !roundIsRunning());

        // As if Graph had shown it under an id that it does not know any more.
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(
                        "update known_resource set resource_id = 'vanished' where resource_id = ?")) {
            statement.setString(1, reply);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
        microsoft.forgetDeltaLinks();

        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("channel-message-deleted.v1").size() == 1);
        assertThat(changesOf("channel-message-deleted.v1").get(0).subject().orElseThrow())
                .endsWith("/messages/" + root + "/replies/" + reply);
    }

    @Test
    void twoWatchesOnOneContainerMakeOneEvent() {
        watchInbox();
        watch("{'kind':'mail-folder','resource':{'user':'" + Seed.CLARA
                + "','folder':'inbox'},'portaluser':'ADA','account':'service'}");

        newMail("once");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> !changesOf("mail-created.v1").isEmpty());
        await().during(Duration.ofSeconds(4))
                .atMost(Duration.ofMinutes(1))
                .until(() -> changesOf("mail-created.v1").size() == 1);
        assertThat(microsoft.subscriptions()).isNotNull();
    }

    @Test
    void whenTheCarryingWatchEndsTheOtherGoesOn() {
        String first = watchInbox();
        watch("{'kind':'mail-folder','resource':{'user':'" + Seed.CLARA
                + "','folder':'inbox'},'portaluser':'ADA','account':'service'}");
        request().delete(path() + "/" + first).then().statusCode(204);
        await().atMost(Duration.ofMinutes(3))
                .until(() -> request().get(path() + "/" + first).statusCode() == 404);

        newMail("still here");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
    }

    @Test
    void whenTheCarryingWatchLosesAccessTheOtherGoesOn() {
        watchInbox();
        watch("{'kind':'mail-folder','resource':{'user':'" + Seed.CLARA
                + "','folder':'inbox'},'portaluser':'ADA','account':'service'}");
        microsoft.signedOut("CLARA");

        newMail("seen by the other");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
    }

    @Test
    void handoverDuringARoundDeletesNothing() throws SQLException {
        String first = watchInbox();
        watch("{'kind':'mail-folder','resource':{'user':'" + Seed.CLARA
                + "','folder':'inbox'},'portaluser':'ADA','account':'service'}");
        newMail("stays");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
        await().until(() -> !roundIsRunning());

        microsoft.fault("{'match':{'method':'GET','path':'delta'},'delayMs':3000,'times':1}");
        newMail("while the round is held back");
        await().pollInterval(Duration.ofMillis(50)).until(this::roundIsRunning);
        request().delete(path() + "/" + first).then().statusCode(204);

        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 2);
        await().during(Duration.ofSeconds(4)).atMost(Duration.ofMinutes(1)).until(() -> changesOf("mail-deleted.v1")
                .isEmpty());
    }

    @Test
    void watchOfAPortalThatIsNoLongerEntitledPausesAndGoesOnWhenItIsAgain() throws Exception {
        String watch = watchInbox();
        portal.entitled(
                views,
                new Entitlement(Optional.empty(), Optional.of(Instant.now()), Optional.empty(), Optional.empty()));

        assertThat(get(watch).getString("state")).isEqualTo("paused");
        assertThat(get(watch).getString("problem")).isEqualTo("not-entitled");
        Response another = request()
                .body("{\"kind\":\"mail-folder\",\"resource\":{\"folder\":\"inbox\"},\"portaluser\":\"CLARA\"}")
                .post(path());
        assertThat(another.statusCode()).isEqualTo(403);
        assertThat(another.jsonPath().getString("type")).isEqualTo("/problems/not-entitled");
        newMail("told later");
        await().atMost(Duration.ofMinutes(3)).until(this::roundWasRefused);
        assertThat(told("told later")).isZero();

        portal.entitled(views, Entitlement.UNLIMITED);
        await().atMost(Duration.ofMinutes(3)).until(() -> told("told later") == 1);
        await().atMost(Duration.ofMinutes(3)).until(() -> get(watch).getString("state"), "active"::equals);
    }

    private long told(String subject) {
        return changesOf("mail-created.v1").stream()
                .filter(change ->
                        subject.equals(change.data().at("/resource/subject").asText()))
                .count();
    }

    private boolean roundWasRefused() throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(
                        "select 1 from container where portal = ? and problem = 'not-entitled'")) {
            statement.setString(1, portal.id.value());
            try (var rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    private boolean roundIsRunning() throws SQLException {
        return number("select count(*) from container where portal = ? and lease_owner is not null") > 0;
    }

    private long number(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(query)) {
            statement.setString(1, portal.id.value());
            try (var rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    @Test
    void notificationDoesNotBreakTheQuietThatGraphAskedFor() throws SQLException {
        String watch = watchInbox();
        microsoft.fault("{'match':{'method':'GET','path':'delta'},'status':429,'retryAfter':'600','times':1}");
        newMail("throttled");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> String.valueOf(get(watch).getString("problem")), problem -> problem.contains("429"));
        long before = number("select hints from container where portal = ?");

        newMail("while it is quiet");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> number("select hints from container where portal = ?") > before);
        assertThat(number("select count(*) from container where portal = ? and due_at > now() + interval '9 minutes'"))
                .isEqualTo(1);
    }

    @Test
    void answerThatNobodyCanReadIsAProblemAndNoEnd() {
        watchInbox();
        microsoft.fault("{'match':{'method':'GET','path':'delta'},'status':200,'html':true,'times':1}");

        newMail("behind it");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
    }

    @Test
    void portalsThatShareAnAppDoNotFightForItsSubscription() throws SQLException {
        String watch = watchInbox();
        String id = get(watch).getString("subscription.id");
        PortalOfTests first = portal;
        portal = new PortalOfTests();
        String other = post("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> "subscription-contested".equals(get(other).getString("subscription.problem")));
        long hints = number("select hints from container where portal = ?");

        newMail("for both");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
        await("it was told, too").until(() -> number("select hints from container where portal = ?") > hints);
        assertThat(get(other).getString("subscription.id")).isNull();

        // When the one who has it goes
        PortalOfTests second = portal;
        portal = first;
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
        assertThat(get(watch).getString("subscription.id")).isEqualTo(id);
        request().delete(path() + "/" + watch).then().statusCode(204);
        await().atMost(Duration.ofMinutes(3))
                .until(() -> request().get(path() + "/" + watch).statusCode() == 404);
        watches.remove(watch);
        first.close();

        // Then the other need not wait until it is his turn
        portal = second;
        await().atMost(Duration.ofMinutes(3)).until(() -> get(other).getString("subscription.id") != null);
    }

    @Test
    void watchesEndWithTheirRegistration() {
        String watch = watchInbox();
        String id = get(watch).getString("subscription.id");

        // Graph does not delete it at once
        microsoft.proxyProblem("{'path':'/subscriptions/','slug':'graph-unreachable','status':502,'times':1}");

        portal.registrationEnds();

        await().atMost(Duration.ofMinutes(3))
                .until(() -> request().get(path() + "/" + watch).jsonPath().getString("state"), "ending"::equals);
        assertThat(microsoft.endingReported(portal.id.value(), "Main")).isFalse();
        assertThat(request()
                        .body("{\"kind\":\"mail-folder\",\"resource\":{\"folder\":\"inbox\"},\"portaluser\":\"CLARA\"}")
                        .post(path())
                        .statusCode())
                .isEqualTo(409);
        await().atMost(Duration.ofMinutes(3)).until(() -> microsoft.endingReported(portal.id.value(), "Main"));
        assertThat(request().get(path() + "/" + watch).statusCode()).isEqualTo(404);
        assertThat(microsoft.subscriptions().findValuesAsText("id")).doesNotContain(id);
    }

    @Test
    void lostRepeatedAndShuffledNotificationsChangeNothing() {
        watchInbox();
        Map<String, String> untold = new TreeMap<>(microsoft.present(INBOX));
        microsoft.notifications("{'drop':true,'duplicate':true,'reorder':true,'delayMs':300,'probability':0.3}");

        churnMails(60);

        assertTrueInTheEnd(INBOX, untold);
    }

    @Test
    void withoutAnyNotificationTheTimerFindsEverything() {
        watchInbox();
        Map<String, String> untold = new TreeMap<>(microsoft.present(INBOX));
        microsoft.notifications("{'drop':true}");

        churnMails(20);

        assertTrueInTheEnd(INBOX, untold);

        // And says so, once the looks that follow the making of the subscription are over
        double before = misses();
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    newMail("not told");
                    return misses() > before;
                });
    }

    private double misses() {
        return meters.counter("m365.sync.misses", "kind", "mail-folder").count();
    }

    @Test
    void unfriendlyDeltaPagesChangeNothing() {
        microsoft.switches("{'delta':{'emptyPages':true,'replays':5}}");
        watchInbox();
        Map<String, String> untold = new TreeMap<>(microsoft.present(INBOX));

        churnMails(40);

        assertTrueInTheEnd(INBOX, untold);
    }

    @Test
    void deltaLinkThatDiesCostsNothing() {
        watchInbox();
        Map<String, String> untold = new TreeMap<>(microsoft.present(INBOX));
        churnMails(20);
        assertTrueInTheEnd(INBOX, untold);
        microsoft.notifications("{'drop':true}");

        microsoft.activity("{'kind':'mail','op':'delete','mailbox':'" + Seed.CLARA + "','count':3}");
        newMail("while the link was dying");
        microsoft.forgetDeltaLinks();

        assertTrueInTheEnd(INBOX, untold);
    }

    @Test
    void channelWithLostNotificationsIsTrueInTheEnd() {
        watchChannel();
        Map<String, String> untold = new TreeMap<>(microsoft.present(GENERAL));
        microsoft.notifications("{'drop':true,'duplicate':true,'reorder':true,'probability':0.3}");

        Random random = new Random(11);
        for (int i = 0; i < 30; i++) {
            String op = i < 5 ? "create" : List.of("create", "update", "delete").get(random.nextInt(3));
            microsoft.activity("{'kind':'channelMessage','op':'" + op + "','content':'text " + i + "'}");
        }

        assertTrueInTheEnd(GENERAL, untold);
    }

    private void churnMails(int steps) {
        Random random = new Random(5);
        for (int i = 0; i < steps; i++) {
            String op = i < 5
                    ? "create"
                    : List.of("create", "update", "update", "delete", "move").get(random.nextInt(5));
            if (!op.equals("create") && microsoft.present(INBOX).isEmpty()) {
                op = "create";
            }
            microsoft.activity(
                    "{'kind':'mail','op':'" + op + "','mailbox':'" + Seed.CLARA + "','subject':'mail " + i + "'}");
        }
    }

    /** Last state and deletion of every resource, no version that never was, none backwards, none twice. */
    private void assertTrueInTheEnd(String container, Map<String, String> untold) {
        await("changes add up to the truth")
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    Map<String, String> state = new TreeMap<>(untold);
                    apply(state, portal.changes());
                    assertThat(state).isEqualTo(microsoft.present(container));
                });
        Set<String> versions = new HashSet<>();
        Map<String, List<String>> order = new HashMap<>();
        microsoft.truth(container).path("versions").forEach(version -> {
            String id = version.has("immutableId")
                    ? version.get("immutableId").asText()
                    : version.get("id").asText();
            versions.add(id + " " + version.path("etag").asText());
            order.computeIfAbsent(id, key -> new ArrayList<>())
                    .add(version.path("etag").asText());
        });
        Set<String> ids = new HashSet<>();
        Map<String, Integer> reached = new HashMap<>();
        for (Event<JsonNode> change : portal.changes()) {
            assertThat(ids.add(change.id())).as("told once: " + change.id()).isTrue();
            if (change.type().contains("-deleted.")) {
                continue;
            }
            String id = change.data().at("/resource/id").asText();
            String etag = change.data().at("/resource/etag").asText();
            assertThat(versions).contains(id + " " + etag);
            int place = order.get(id).lastIndexOf(etag);
            assertThat(place).isGreaterThanOrEqualTo(reached.getOrDefault(id, -1));
            reached.put(id, place);
        }
    }

    private static void apply(Map<String, String> state, List<Event<JsonNode>> changes) {
        for (Event<JsonNode> change : changes) {
            JsonNode resource = change.data().path("resource");
            if (change.type().contains("-deleted.")) {
                state.remove(resource.path("id").asText());
            } else {
                state.put(resource.path("id").asText(), resource.path("etag").asText());
            }
        }
    }

    @Test
    void subscriptionThatGraphHasLostIsMadeAnew() {
        String watch = watchInbox();
        String id = get(watch).getString("subscription.id");

        microsoft.notifications("{'lifecycle':{'event':'subscriptionRemoved','subscriptionId':'" + id + "'}}");

        await().atMost(Duration.ofMinutes(3)).until(() -> {
            String now = get(watch).getString("subscription.id");
            return now != null && !now.equals(id);
        });
        newMail("after the loss");
        await().atMost(Duration.ofMinutes(3))
                .until(() -> changesOf("mail-created.v1").size() == 1);
    }

    @Test
    void renewalThatGraphAsksForIsMadeAndSubscriptionsThatNobodyHasAreDeleted() {
        String watch = watchInbox();
        String id = get(watch).getString("subscription.id");
        String expires = get(watch).getString("subscription.expiresAt");
        String orphan = microsoft.subscribe("CLARA", "/me/mailFolders/sentitems/messages");

        microsoft.notifications("{'lifecycle':{'event':'reauthorizationRequired','subscriptionId':'" + id + "'}}");

        await().atMost(Duration.ofMinutes(3))
                .until(
                        () -> get(watch).getString("subscription.expiresAt"),
                        now -> now != null && !now.equals(expires));
        assertThat(get(watch).getString("subscription.id")).isEqualTo(id);
        await().atMost(Duration.ofMinutes(3))
                .until(() -> !microsoft.subscriptions().findValuesAsText("id").contains(orphan));
        assertThat(microsoft.subscriptions().findValuesAsText("id")).contains(id);
    }

    @Test
    void lateNewsOfAnEarlierSubscriptionCostsNothing() {
        String watch = watchInbox();
        String id = get(watch).getString("subscription.id");

        RequestSpecification late = given().contentType("application/json")
                .body("{\"value\":[{\"subscriptionId\":\"an-earlier-one\",\"lifecycleEvent\":\"subscriptionRemoved\","
                        + "\"subscriptionExpirationDateTime\":\"2026-11-23T00:00:00Z\",\"tenantId\":\"t\","
                        + "\"clientState\":\"" + clientStates.of(watch) + "\"}]}");
        // Graph sends again what is answered 503.
        assertThat(await().until(() -> late.post("/lifecycle").statusCode(), status -> status != 503))
                .isEqualTo(202);

        await().during(Duration.ofSeconds(3))
                .atMost(Duration.ofMinutes(1))
                .until(() -> get(watch).getString("subscription.id"), id::equals);
    }

    @Test
    void livesAreLearnedAndSubscriptionsRenewedOrMadeAnew() {
        microsoft.switches("{'subscription':{'minSeconds':1,'maxSeconds':{'outlook':3600},'grantAtMostSeconds':20}}");
        String watch = watchInbox();
        String id = get(watch).getString("subscription.id");
        String expires = get(watch).getString("subscription.expiresAt");

        await("renewed")
                .atMost(Duration.ofMinutes(3))
                .until(
                        () -> get(watch).getString("subscription.expiresAt"),
                        now -> now != null && !now.equals(expires));
        assertThat(get(watch).getString("subscription.id")).isEqualTo(id);

        microsoft.deleteSubscription("CLARA", id);
        await("made anew")
                .atMost(Duration.ofMinutes(3))
                .until(() -> get(watch).getString("subscription.id"), now -> now != null && !now.equals(id));
    }

    @Test
    void ownMailNamesTheActionThatCausedIt() {
        watch("{'kind':'mail-folder','resource':{'folder':'sentitems'},'portaluser':'ADA','includeOwn':true}");
        // The round is faster than the action: the answer to "send" is lost, and the look for the mail is put off.
        microsoft.fault("{'match':{'method':'POST','path':'/send$'},'reset':'after','times':1}");
        microsoft.fault("{'match':{'method':'GET','path':'/messages$'},'status':503,'retryAfter':'4','times':1}");

        String action =
                portal.publish(portal.action("mail.send.v1", "ADA", PortalOfTests.mail(Seed.BEN, "from an action")));

        await().atMost(Duration.ofMinutes(3))
                .until(() -> !changesOf("mail-created.v1").isEmpty());
        microsoft.noFaults();
        assertThat(changesOf("mail-created.v1").get(0).data().path("causedBy").asText())
                .isEqualTo(action);
    }

    @Test
    void ownMessageIsNotToldWhereNobodyWantsItsEcho() {
        watchChannel();
        portal.result(portal.publish(portal.action(
                "teams.message.send.v1",
                "BEN",
                PortalOfTests.channelMessage(Seed.TEAM_ID, Seed.GENERAL_ID, "from an action"))));
        microsoft.activity("{'kind':'channelMessage','op':'create','content':'somebody else'}");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> !changesOf("channel-message-created.v1").isEmpty());
        assertThat(portal.changes())
                .singleElement()
                .satisfies(change -> assertThat(change.data().has("causedBy")).isFalse());
    }

    @Test
    void ownMessageNamesTheActionThatCausedIt() {
        watch("{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'" + Seed.GENERAL_ID
                + "'},'portaluser':'ADA','includeOwn':true}");
        // The notification is faster than the answer that tells the message's id.
        microsoft.slowAnswers("POST .*/messages");

        String action = portal.publish(portal.action(
                "teams.message.send.v1",
                "BEN",
                PortalOfTests.channelMessage(Seed.TEAM_ID, Seed.GENERAL_ID, "from an action")));

        await().atMost(Duration.ofMinutes(3))
                .until(() -> !changesOf("channel-message-created.v1").isEmpty());
        assertThat(changesOf("channel-message-created.v1")
                        .get(0)
                        .data()
                        .path("causedBy")
                        .asText())
                .isEqualTo(action);
    }

    @Test
    void refusedTokenIsNoRefusalOfTheWatch() {
        microsoft.fault("{'match':{'method':'GET','path':'/me$'},'status':401,'times':2}");

        watchInbox();
    }

    @Test
    void watchThatEndsWhileItsSubscriptionIsBeingMadeLeavesNone() throws SQLException {
        Set<String> before = Set.copyOf(microsoft.subscriptions().findValuesAsText("id"));
        microsoft.fault("{'match':{'method':'POST','path':'/subscriptions$'},'delayMs':2500,'times':1}");
        String watch = post("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> number("select count(*) from subscription where posted and container_id in"
                                + " (select id from container where portal = ?)")
                        == 1);

        request().delete(path() + "/" + watch).then().statusCode(204);

        await().atMost(Duration.ofMinutes(3))
                .until(() -> request().get(path() + "/" + watch).statusCode() == 404);
        // Not there, and does not turn up: by now the call that was under way has been answered.
        await().during(Duration.ofSeconds(4))
                .atMost(Duration.ofMinutes(1))
                .until(() -> before.containsAll(microsoft.subscriptions().findValuesAsText("id")));
    }

    @Test
    void watchThatNobodyMayHaveIsRefused() {
        String watch = post("{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID
                + "','channelId':'19:nothing@thread.tacv2'},'portaluser':'ADA'}");
        await().atMost(Duration.ofMinutes(3)).until(() -> get(watch).getString("state"), "refused"::equals);

        request()
                .body("{\"kind\":\"mail-folder\",\"resource\":{},\"account\":\"service\"}")
                .post(path())
                .then()
                .statusCode(422);
        request()
                .body("{\"kind\":\"weather\",\"resource\":{},\"account\":\"service\"}")
                .post(path())
                .then()
                .statusCode(400);
        // An account alone is nobody that a portal may act as: no assignment would be asked.
        request()
                .body("{\"kind\":\"mail-folder\",\"resource\":{\"user\":\"" + Seed.ADA
                        + "\",\"folder\":\"inbox\"},\"account\":\"service\"}")
                .post(path())
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "invalid-watch");
        // The app is nobody, and has no mailbox of its own.
        request()
                .body("{\"kind\":\"mail-folder\",\"resource\":{},\"portaluser\":\"ADA\",\"account\":\"service\"}")
                .post(path())
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "app-only-not-supported");
        given().get(path()).then().statusCode(401);
    }

    /** Without a user no assignment narrows the app: that is an administrator's to want, and nobody else's. */
    @Test
    void onlyAnAdministratorWatchesWithoutAUser() {
        String inbox = "{\"kind\":\"mail-folder\",\"resource\":{\"user\":\"" + Seed.ADA + "\",\"folder\":\"inbox\"}";
        await("the portal's key is known")
                .atMost(Duration.ofMinutes(3))
                .until(() -> request().get(path()).statusCode() == 200);
        for (String withoutUser : List.of(
                ",\"account\":\"service\"}",
                ",\"account\":\"team-bot\"}",
                ",\"account\":\"service\",\"portaluser\":null}",
                ",\"account\":\"current-user\"}",
                "}")) {
            request()
                    .header("X-Portal-User", "ADA")
                    .body(inbox + withoutUser)
                    .post(path())
                    .then()
                    .statusCode(422)
                    .header("X-M365-Problem", "invalid-watch");
        }
        request()
                .body(inbox + ",\"account\":\"service\",\"portaluser\":\"\"}")
                .post(path())
                .then()
                .statusCode(400);
        for (String key : List.of("m365.service-keys", "m365.admin-key")) {
            boolean isAdmin = key.equals("m365.admin-key");
            Response answer = given().header(
                            "Authorization",
                            "Bearer "
                                    + ConfigProvider.getConfig()
                                            .getValue(key, String.class)
                                            .split(",", -1)[0])
                    .contentType("application/json")
                    .body(inbox + ",\"account\":\"service\"}")
                    .post(path());
            assertThat(answer.statusCode()).as(key).isEqualTo(isAdmin ? 201 : 403);
            if (isAdmin) {
                watches.add(answer.path("id"));
            }
        }
        assertThat(request().get(path()).jsonPath().getList("items.portaluser"))
                .as("what the administrator wanted, and nothing else")
                .hasSize(1)
                .containsOnlyNulls();
    }

    @Test
    void endedWatchLeavesNoSubscription() {
        String watch = watchChannel();
        String id = get(watch).getString("subscription.id");

        request().delete(path() + "/" + watch).then().statusCode(204);
        await().atMost(Duration.ofMinutes(3))
                .until(() -> request().get(path() + "/" + watch).statusCode() == 404);

        assertThat(microsoft.subscriptions().findValuesAsText("id")).doesNotContain(id);
    }
}
