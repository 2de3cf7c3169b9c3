package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** What is special about chats and teams; what holds for every container is WatchIT's. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class ContainersIT {
    private static final String CHAT = "chats/" + Seed.CHAT_ID + "/messages";

    @Inject
    DataSource database;

    @Inject
    MeterRegistry meters;

    @Inject
    Containers containers;

    @Inject
    WatchParts parts;

    private final Microsoft microsoft = new Microsoft();
    private WatchesOfTests watches;

    @BeforeEach
    void onboard() {
        microsoft.calm();
        watches = new WatchesOfTests();
    }

    @AfterEach
    void leave() {
        microsoft.calm();
        watches.close();
    }

    private String watchChats(String who) {
        return watches.watch("{'kind':'chats','resource':{}," + who + "}");
    }

    private String say(String chat, String content) {
        return microsoft
                .activity("{'kind':'chatMessage','chat':'" + chat + "','user':'" + Seed.BEN + "','content':'" + content
                        + "'}")
                .at("/ids/0")
                .asText();
    }

    private void chat(String op, String chat, String id) {
        microsoft.activity("{'kind':'chatMessage','op':'" + op + "','chat':'" + chat + "','id':'" + id + "'}");
    }

    /** Graph tells its time in whole seconds, and what happened in the same second is rather told than kept. */
    private static void nextSecond() {
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
    }

    @Test
    void messagesOfChatsArriveChangeAndGo() {
        String old = say(Seed.CHAT_ID, "before the watch");
        String older = say(Seed.CHAT_ID, "before the watch, too");
        nextSecond();
        String watch = watchChats("'portaluser':'ADA'");

        String id = say(Seed.CHAT_ID, "hello");
        Event<JsonNode> created =
                watches.awaitChanges("chat-message-created.v1", 1).get(0);
        assertThat(created.data().at("/resource/id").asText()).isEqualTo(id);
        assertThat(created.subject()).contains(CHAT + "/" + id);
        assertThat(created.data().path("container").asText()).isEqualTo("chats/" + Seed.CHAT_ID);
        assertThat(created.data().path("watch").asText())
                .as("a part is its whole's")
                .isEqualTo(watch);

        chat("update", Seed.CHAT_ID, id);
        Event<JsonNode> updated =
                watches.awaitChanges("chat-message-updated.v1", 1).get(0);
        assertThat(updated.data().path("changed").toString()).contains("body");
        chat("delete", Seed.CHAT_ID, id);
        watches.awaitChanges("chat-message-deleted.v1", 1);
        chat("restore", Seed.CHAT_ID, id);
        watches.awaitChanges("chat-message-created.v1", 2);

        // What was said before the watch is no news, but what becomes of it is.
        chat("update", Seed.CHAT_ID, old);
        watches.awaitChanges("chat-message-updated.v1", 2);
        chat("delete", Seed.CHAT_ID, older);
        watches.awaitChanges("chat-message-deleted.v1", 2);
        assertThat(watches.request().get(watches.path()).jsonPath().getList("items.id"))
                .containsExactly(watch);
        assertThat(watches.changesOf("chat-created.v1")).isEmpty();
    }

    @Test
    void chatThatIsNewIsHeardOfFromItsFirstMessageAndOneThatIsLeftNoMore() {
        watchChats("'portaluser':'CLARA'");
        String chat = microsoft
                .activity("{'kind':'chat','topic':'Lunch " + watches.portal.id + "','members':['" + Seed.BEN + "','"
                        + Seed.CLARA + "']}")
                .at("/ids/0")
                .asText();
        String first = say(chat, "who comes?");

        assertThat(watches.awaitChanges("chat-message-created.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/id")
                        .asText())
                .isEqualTo(first);
        assertThat(watches.awaitChanges("chat-created.v1", 1).get(0).subject().orElseThrow())
                .endsWith("/chats/" + chat);

        microsoft.activity("{'kind':'chatMember','op':'delete','chat':'" + chat + "','user':'" + Seed.CLARA + "'}");
        watches.awaitChanges("chat-deleted.v1", 1);
        await().atMost(Duration.ofMinutes(3))
                .until(() -> count("select count(*) from container where portal = ? and kind = 'chat'") == 0);
        say(chat, "not for her");
        nextSecond();
        assertThat(watches.changesOf("chat-message-created.v1")).hasSize(1);
    }

    @Test
    void chatOfTwoWatchedPeopleIsToldOnceAndGoesOnWithTheOther() {
        String ada = watchChats("'portaluser':'ADA'");
        watches.watch("{'kind':'chats','resource':{'user':'" + Seed.BEN + "'},'portaluser':'BEN','account':'service'}");

        say(Seed.CHAT_ID, "once");
        watches.awaitChanges("chat-message-created.v1", 1);
        watches.end(ada);
        await().atMost(Duration.ofMinutes(3)).until(() -> watches.isGone(ada));
        say(Seed.CHAT_ID, "still here");

        watches.awaitChanges("chat-message-created.v1", 2);
        assertThat(watches.changesOf("chat-message-updated.v1")).isEmpty();
    }

    @Test
    void whoNeedsSeveralContainersDoesNotHoldALaterOneWhileHeWaitsForTheFirst() throws Exception {
        watchChats("'portaluser':'ADA'");
        String chat = microsoft
                .activity("{'kind':'chat','topic':'Locks " + watches.portal.id + "','members':['" + Seed.BEN + "','"
                        + Seed.ADA + "']}")
                .at("/ids/0")
                .asText();
        say(chat, "hello");
        watches.awaitChanges("chat-message-created.v1", 1);
        long whole = count("select id from container where portal = ? and kind = 'chats'");
        long first = count("select min(id) from container where portal = ? and kind = 'chat'");
        long last = count("select max(id) from container where portal = ? and kind = 'chat'");
        assertThat(first).isLessThan(last);
        assertThat(path(last)).isEqualTo("chats/" + chat);

        waitsWithoutHolding(first, last, () -> containers.due(whole));
        waitsWithoutHolding(
                first, last, () -> containers.partsDue(containers.findById(whole), List.of(path(last), path(first))));
        waitsWithoutHolding(first, last, () -> {
            containers
                    .getEntityManager()
                    .createNativeQuery("delete from watch where parent is not null and container_id = :id")
                    .setParameter("id", last)
                    .executeUpdate();
            parts.follow(
                    containers.locked(whole),
                    List.of(chat),
                    List.of(),
                    List.of(path(first).substring("chats/".length())));
        });
        assertThat(count("select count(*) from watch where portal = ? and parent is not null and container_id = "
                        + last))
                .as("who waits gets there in the end")
                .isEqualTo(1);
    }

    private String path(long container) {
        return QuarkusTransaction.requiringNew()
                .call(() -> containers.findById(container).path());
    }

    /** @param taking what locks both, and perhaps more, in a transaction */
    private void waitsWithoutHolding(long first, long last, Runnable taking) throws Exception {
        try (Connection held = database.getConnection()) {
            held.setAutoCommit(false);
            try (var statement = held.createStatement()) {
                String touched = "update container set problem = problem where id = " + first;
                // Where it lies in the table, behind the later one now, says nothing about its turn.
                statement.execute(touched);
                held.commit();
                statement.execute(touched);
            }
            AtomicLong backend = new AtomicLong();
            CompletableFuture<Void> done = CompletableFuture.runAsync(
                    () -> QuarkusTransaction.requiringNew().run(() -> {
                        backend.set(((Number) containers
                                        .getEntityManager()
                                        .createNativeQuery("select pg_backend_pid()")
                                        .getSingleResult())
                                .longValue());
                        taking.run();
                    }));
            await("it waits")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> asked("select cardinality(pg_blocking_pids(" + backend.get() + "))") > 0);
            await("the later one is free")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> asked("select count(*) from (select 1 from container where id = " + last
                                    + " for no key update skip locked) free")
                            == 1);
            held.rollback();
            done.get(1, TimeUnit.MINUTES);
        }
    }

    private long asked(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    @Test
    void chatIsTrueInTheEndWhateverNotificationsAreLost() {
        watchChats("'portaluser':'ADA'");
        Map<String, String> untold = new TreeMap<>(microsoft.present(CHAT));
        microsoft.notifications("{'drop':true,'duplicate':true,'reorder':true,'probability':0.3}");

        Random random = new Random(17);
        for (int i = 0; i < 30; i++) {
            String op = i < 5 ? "create" : List.of("create", "update", "delete").get(random.nextInt(3));
            microsoft.activity("{'kind':'chatMessage','op':'" + op + "','content':'text " + i + "'}");
        }

        watches.awaitTruth(microsoft, CHAT, untold);
    }

    @Test
    void chatsOfSomebodyElseAreRefusedAndTheAppNamesWhom() {
        String watch = watches.post("{'kind':'chats','resource':{'user':'" + Seed.BEN + "'},'portaluser':'ADA'}");
        watches.becomes(watch, "refused");

        watches.request()
                .body("{\"kind\":\"chats\",\"resource\":{},\"portaluser\":\"ADA\",\"account\":\"service\"}")
                .post(watches.path())
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "app-only-not-supported");
        watches.request()
                .body("{\"kind\":\"chat\",\"resource\":{},\"portaluser\":\"ADA\"}")
                .post(watches.path())
                .then()
                .statusCode(400);
    }

    @Test
    void channelsOfATeamComeAndGoWhileItIsWatched() throws SQLException {
        String watch = watches.watch("{'kind':'team','resource':{'teamId':'" + Seed.TEAM_ID + "'},'portaluser':'ADA'}");
        microsoft.activity("{'kind':'channelMessage','op':'create','content':'in one that was there'}");
        watches.awaitChanges("channel-message-created.v1", 1);
        assertThat(watches.changesOf("channel-created.v1")).isEmpty();

        String name = "Risks " + watches.portal.id;
        microsoft.activity("{'kind':'channel','topic':'" + name + "'}");
        microsoft.activity("{'kind':'channelMessage','op':'create','channel':'" + name + "','content':'first'}");
        assertThat(watches.awaitChanges("channel-message-created.v1", 2)
                        .get(1)
                        .data()
                        .path("watch")
                        .asText())
                .isEqualTo(watch);
        assertThat(watches.awaitChanges("channel-created.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/displayName")
                        .asText())
                .isEqualTo(name);

        microsoft.activity("{'kind':'channel','op':'update','channel':'" + name + "','topic':'" + name + " 2'}");
        watches.awaitChanges("channel-updated.v1", 1);
        microsoft.activity("{'kind':'channel','op':'delete','channel':'" + name + " 2'}");
        watches.awaitChanges("channel-deleted.v1", 1);
        await().atMost(Duration.ofMinutes(3))
                .until(() -> count("select count(*) from container where portal = ? and kind = 'channel'") == 2);

        watches.end(watch);
        await().atMost(Duration.ofMinutes(3)).until(() -> watches.isGone(watch));
        await().atMost(Duration.ofMinutes(3))
                .until(() -> count("select count(*) from container where portal = ?") == 0);
    }

    private JsonNode event(String op, String more) {
        return microsoft
                .activity("{'kind':'event','op':'" + op + "','mailbox':'" + Seed.CLARA + "'," + more + "}")
                .at("/items/0");
    }

    /** Half an hour, then. */
    private static String times(Instant start) {
        return "'start':{'dateTime':'" + start.toString().replace("Z", "") + "','timeZone':'UTC'},'end':{'dateTime':'"
                + start.plus(Duration.ofMinutes(30)).toString().replace("Z", "") + "','timeZone':'UTC'}";
    }

    private static Instant in(Duration time) {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(time);
    }

    private String watchCalendar() {
        return watches.watch("{'kind':'calendar','resource':{},'portaluser':'CLARA'}");
    }

    @Test
    void eventsOfACalendarArriveChangeAndGo() {
        String old = event("create", "'subject':'old'").path("id").asText();
        nextSecond();
        watchCalendar();

        String id = event("create", "'subject':'Review'").path("id").asText();
        Event<JsonNode> created = watches.awaitChanges("event-created.v1", 1).get(0);
        assertThat(created.data().at("/resource/subject").asText()).isEqualTo("Review");
        assertThat(created.subject()).contains("users/" + Seed.CLARA_OID + "/events/" + id);

        // Out of the window, and no deletion.
        event("update", "'id':'" + id + "','change':{" + times(in(Duration.ofDays(200))) + "}");
        assertThat(watches.awaitChanges("event-updated.v1", 1)
                        .get(0)
                        .data()
                        .path("changed")
                        .toString())
                .contains("start");
        // And in again, and no creation.
        event("update", "'id':'" + id + "','change':{" + times(in(Duration.ofDays(2))) + "}");
        watches.awaitChanges("event-updated.v1", 2);

        microsoft.forgetDeltaLinks();
        event("delete", "'id':'" + id + "'");
        event("delete", "'id':'" + old + "'");
        watches.awaitChanges("event-deleted.v1", 2);
        assertThat(watches.changesOf("event-created.v1")).hasSize(1);
    }

    @Test
    void windowThatMovesOnMakesNoNews() {
        event(
                "create",
                "'subject':'enters','change':{" + times(in(Duration.ofDays(20).plusSeconds(47))) + "}");
        String leaves = event(
                        "create",
                        "'subject':'leaves','change':{"
                                + times(in(Duration.ofDays(-10).plusSeconds(45).minusMinutes(30))) + "}")
                .path("id")
                .asText();
        nextSecond();
        String watch = watchCalendar();
        double missed = misses("calendar");
        event(
                "create",
                "'subject':'new, and enters','change':{"
                        + times(in(Duration.ofDays(20).plusSeconds(47))) + "}");

        assertThat(watches.awaitChanges("event-created.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/subject")
                        .asText())
                .isEqualTo("new, and enters");
        assertThat(misses("calendar"))
                .as("no notification could have told that the window has moved")
                .isEqualTo(missed);
        await("what has left is known to be outside")
                .atMost(Duration.ofMinutes(3))
                .until(() -> count("select count(*) from known_resource where away and container_id in"
                                + " (select id from container where portal = ?)")
                        == 1);
        assertThat(watches.portal.changes()).hasSize(1);
        assertThat(watches.get(watch).getString("problem")).isNull();
        assertThat(microsoft.present("users/" + Seed.CLARA + "/events")).containsKey(leaves);
    }

    @Test
    void seriesComesWithItsOccurrencesAndOneOfThemGoes() {
        watchCalendar();

        String series = event(
                        "create",
                        "'subject':'Stand-up','change':{" + times(in(Duration.ofDays(1)))
                                + ",'recurrence':{'pattern':{'type':'weekly','interval':1},'range':{'type':'numbered','numberOfOccurrences':2}}}")
                .path("id")
                .asText();
        List<Event<JsonNode>> created = watches.awaitChanges("event-created.v1", 3);
        assertThat(created)
                .extracting(change -> change.data().at("/resource/type").asText())
                .containsExactlyInAnyOrder("seriesMaster", "occurrence", "occurrence");
        String occurrence = created.stream()
                .map(change -> change.data().path("resource"))
                .filter(resource -> resource.path("seriesMasterId").asText().equals(series))
                .map(resource -> resource.path("id").asText())
                .findFirst()
                .orElseThrow();

        event("delete", "'id':'" + occurrence + "'");
        assertThat(watches.awaitChanges("event-deleted.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/id")
                        .asText())
                .isEqualTo(occurrence);
        event("delete", "'id':'" + series + "'");
        watches.awaitChanges("event-deleted.v1", 3);
    }

    @Test
    void occurrenceIsToldOnceTheWindowReachesIt() {
        watchCalendar();
        Instant start = in(Duration.ofDays(6).plusSeconds(16));
        String series = event(
                        "create",
                        "'subject':'Stand-up','change':{" + times(start)
                                + ",'recurrence':{'pattern':{'type':'weekly','interval':1},'range':{'type':'noEnd'}}}")
                .path("id")
                .asText();
        List<Event<JsonNode>> created = watches.awaitChanges("event-created.v1", 4);
        assertThat(created)
                .filteredOn(change ->
                        change.data().at("/resource/seriesMasterId").asText().equals(series))
                .extracting(change -> Instant.parse(
                        change.data().at("/resource/start/dateTime").asText() + "Z"))
                .containsExactlyInAnyOrder(start, start.plus(Duration.ofDays(7)), start.plus(Duration.ofDays(14)));
        assertThat(watches.changesOf("event-deleted.v1")).isEmpty();
    }

    @Test
    void calendarIsTrueInTheEndWhateverNotificationsAreLost() {
        watchCalendar();
        String events = "users/" + Seed.CLARA + "/events";
        Map<String, String> untold = new TreeMap<>(microsoft.present(events));
        microsoft.notifications("{'drop':true,'duplicate':true,'reorder':true,'probability':0.3}");

        Random random = new Random(19);
        for (int i = 0; i < 30; i++) {
            String op =
                    i < 12 ? "create" : List.of("create", "update", "delete").get(random.nextInt(3));
            event(op, "'subject':'event " + i + "'");
        }

        watches.awaitTruth(microsoft, events, untold);
    }

    private double misses(String kind) {
        return meters.find("m365.sync.misses").tag("kind", kind).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private long count(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(query)) {
            statement.setString(1, watches.portal.id.value());
            try (var rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }
}
