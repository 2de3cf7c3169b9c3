package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** A container is deleted in Microsoft 365, or only seems to be: what was in it is told deleted, or is not. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.round.teams-interval", value = "1H"),
            @ResourceArg(name = "m365.sync.round.page-size", value = "20"),
            @ResourceArg(name = "m365.sync.round.gone-looks", value = "3"),
            @ResourceArg(name = "m365.sync.round.gone-apart", value = "500MS"),
            @ResourceArg(name = "m365.sync.round.gone-again", value = "1H")
        })
class GoneContainersIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String OF_PORTAL = " from container where portal = ?";

    @Inject
    DataSource database;

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

    /** Graph tells its time in whole seconds, and what happened in the same second is rather told than kept. */
    private static void nextSecond() {
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
    }

    private String act(String json) {
        return microsoft.activity("{" + json + "}").at("/items/0/id").asText();
    }

    private String named(String name) {
        return name + " " + watches.portal.id;
    }

    private long number(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(query)) {
            statement.setString(1, watches.portal.id.value());
            try (var rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    /** The timer of all its containers of that kind has run out. */
    private void timeIsOver(String kind) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(
                        "update container set due_at = now() where portal = ? and kind = ?")) {
            statement.setString(1, watches.portal.id.value());
            statement.setString(2, kind);
            assertThat(statement.executeUpdate()).isPositive();
        }
    }

    private static List<String> ids(List<Event<JsonNode>> changes) {
        return changes.stream()
                .map(change -> change.data().at("/resource/id").asText())
                .toList();
    }

    private void isGone(String watch, String subscription) {
        watches.becomes(watch, "gone");
        assertThat(watches.get(watch).getString("problem")).isEqualTo("container-gone");
        await("the subscription is given up")
                .atMost(PATIENCE)
                .until(() -> watches.get(watch).get("subscription") == null);
        await("also at Graph")
                .atMost(PATIENCE)
                .until(() -> !microsoft.subscriptions().findValuesAsText("id").contains(subscription));
    }

    private void nothingIsToldTwice() {
        assertThat(watches.portal.changes()).extracting(Event::id).doesNotHaveDuplicates();
    }

    @Test
    void whatWasInADeletedCalendarIsToldDeletedOnceAllWhoWatchItHaveLookedAndTheWatchesSaySo() {
        String calendar = act("'kind':'calendar','mailbox':'" + Seed.CLARA + "','name':'" + named("Work") + "'");
        String event = "'kind':'event','mailbox':'" + Seed.CLARA + "','calendar':'" + calendar + "'";
        String old = act(event + ",'subject':'before the watch'");
        nextSecond();
        String watch =
                watches.watch("{'kind':'calendar','resource':{'calendar':'" + calendar + "'},'portaluser':'CLARA'}");
        String byApp = watches.watch("{'kind':'calendar','resource':{'user':'" + Seed.CLARA + "','calendar':'"
                + calendar + "'},'portaluser':'BEN','account':'service'}");
        String subscription = watches.get(watch).getString("subscription.id");
        String told = act(event + ",'subject':'Review'");
        watches.awaitChanges("event-created.v1", 1);

        act("'kind':'calendar','op':'delete','mailbox':'" + Seed.CLARA + "','calendar':'" + calendar + "'");

        assertThat(ids(watches.awaitChanges("event-deleted.v1", 2))).containsExactlyInAnyOrder(old, told);
        isGone(watch, subscription);
        isGone(byApp, subscription);
        assertThat(watches.get(watch).getString("updates")).isNull();
        nothingIsToldTwice();
    }

    @Test
    void whatOnlySeemsToBeGoneIsNotToldDeleted() throws SQLException {
        String watch = watches.watch("{'kind':'mail-folder','resource':{'folder':'archive'},'portaluser':'CLARA'}");
        String mail = "'kind':'mail','mailbox':'" + Seed.CLARA + "','folder':'archive'";
        act(mail + ",'subject':'there'");
        watches.awaitChanges("mail-created.v1", 1);
        String delta = "'match':{'method':'GET','path':'messages/delta'},'status':404,'code':'ErrorItemNotFound'";
        String folder = "{'match':{'method':'GET','path':'mailFolders/[^/]+$'},";

        // The delta alone is not found; the folder itself may not be looked at, has no mailbox, or cannot be asked for.
        for (String answer : List.of(
                "",
                "'status':403,'code':'ErrorAccessDenied'}",
                "'status':404,'code':'MailboxNotEnabledForRESTAPI'}",
                "'status':404,'html':true}",
                "'status':503}")) {
            microsoft.fault("{" + delta + "}");
            if (!answer.isEmpty()) {
                microsoft.fault(folder + answer);
            }
            await(answer).atMost(PATIENCE).until(() -> number("select attempts" + OF_PORTAL) >= 6);
            assertThat(watches.get(watch).getString("problem")).isEqualTo("graph-refused 404 ErrorItemNotFound");
            microsoft.noFaults();
            await(answer).atMost(PATIENCE).until(() -> number("select attempts" + OF_PORTAL) == 0);
        }
        // A hiccup: not found twice, and found the third time.
        microsoft.fault(folder + "'status':404,'code':'ErrorItemNotFound','times':2}");
        microsoft.fault("{" + delta + "}");
        await().atMost(PATIENCE).until(() -> number("select missing_looks" + OF_PORTAL) > 0);
        await().atMost(PATIENCE)
                .until(() ->
                        number("select count(*)" + OF_PORTAL + " and missing_since is null and attempts > 4") == 1);
        microsoft.noFaults();

        act(mail + ",'subject':'still there'");
        watches.awaitChanges("mail-created.v1", 2);
        assertThat(watches.get(watch).getString("state")).isEqualTo("active");
        assertThat(watches.changesOf("mail-deleted.v1")).isEmpty();
    }

    @Test
    void channelThatIsRestoredUnderItsIdIsTakenUpAgainWhenSomebodyAsksOrInTime() throws SQLException {
        String channel = act("'kind':'channel','topic':'" + named("Risks") + "'");
        String message = "'kind':'channelMessage','channel':'" + channel + "'";
        String root = act(message + ",'content':'Question'");
        String reply = act(message + ",'content':'Answer','replyTo':'" + root + "'");
        nextSecond();
        String watch = watches.watch("{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'"
                + channel + "'},'portaluser':'ADA'}");
        for (int times = 1; times <= 2; times++) {
            String subscription = watches.get(watch).getString("subscription.id");
            act("'kind':'channel','op':'delete','channel':'" + channel + "'");
            timeIsOver("channel");

            List<Event<JsonNode>> deleted = watches.awaitChanges("channel-message-deleted.v1", 2 * times);
            assertThat(ids(deleted.subList(2 * times - 2, 2 * times))).containsExactlyInAnyOrder(root, reply);
            assertThat(deleted)
                    .anyMatch(change -> change.subject().orElseThrow().endsWith(root + "/replies/" + reply));
            isGone(watch, subscription);

            act("'kind':'channel','op':'restore','channel':'" + channel + "'");
            if (times == 1) {
                watches.request()
                        .post(watches.path() + "/" + watch + "/resync")
                        .then()
                        .statusCode(202);
            } else {
                timeIsOver("channel");
            }
            List<Event<JsonNode>> created = watches.awaitChanges("channel-message-created.v1", 2 * times);
            assertThat(ids(created.subList(2 * times - 2, 2 * times))).containsExactlyInAnyOrder(root, reply);
            watches.becomes(watch, "active");
            assertThat(watches.get(watch).getString("problem")).isNull();
            assertThat(watches.get(watch).getString("subscription.id")).isNotEqualTo(subscription);
        }
        act(message + ",'content':'by a notification'");
        watches.awaitChanges("channel-message-created.v1", 5);
        nothingIsToldTwice();
    }

    @Test
    void whatIsRestoredAndCannotBeReadToItsEndAtOnceIsNotToldDeletedOnceMore() throws SQLException {
        String channel = act("'kind':'channel','topic':'" + named("Slow") + "'");
        microsoft.activity("{'kind':'channelMessage','channel':'" + channel + "','content':'one of many','count':60}");
        nextSecond();
        String watch = watches.watch("{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'"
                + channel + "'},'portaluser':'ADA'}");
        String subscription = watches.get(watch).getString("subscription.id");
        act("'kind':'channel','op':'delete','channel':'" + channel + "'");
        timeIsOver("channel");
        watches.awaitChanges("channel-message-deleted.v1", 60);
        isGone(watch, subscription);

        // No answer says nothing: it is looked for again soon, not in an hour.
        String delta = "{'match':{'method':'GET','path':'messages/delta'},";
        microsoft.fault(delta + "'status':503}");
        watches.request().post(watches.path() + "/" + watch + "/resync").then().statusCode(202);
        await().atMost(PATIENCE).until(() -> number("select count(*)" + OF_PORTAL + " and problem like '%503%'") == 1);
        act("'kind':'channel','op':'restore','channel':'" + channel + "'");
        microsoft.noFaults();
        microsoft.fault(delta + "'delayMs':2000}");
        await().atMost(PATIENCE)
                .until(() -> !watches.changesOf("channel-message-created.v1").isEmpty());

        // And none to a page behind the first one does not make it gone.
        microsoft.noFaults();
        microsoft.fault(delta + "'status':503,'times':3}");

        watches.awaitChanges("channel-message-created.v1", 60);
        watches.becomes(watch, "active");
        assertThat(watches.changesOf("channel-message-deleted.v1")).hasSize(60);
        nothingIsToldTwice();
    }

    @Test
    void channelsOfADeletedTeamAreToldDeletedAndEndAndComeBackWithIt() throws SQLException {
        String watch = watches.watch("{'kind':'team','resource':{'teamId':'" + Seed.TEAM_ID + "'},'portaluser':'ADA'}");
        String subscription = watches.get(watch).getString("subscription.id");
        int channels = (int) number("select count(*)" + OF_PORTAL + " and kind = 'channel'");
        assertThat(channels).isGreaterThan(1);
        act("'kind':'team','op':'delete'");
        try {
            timeIsOver("team");

            watches.awaitChanges("channel-deleted.v1", channels);
            isGone(watch, subscription);
            await("its channels are not looked at any more")
                    .atMost(PATIENCE)
                    .until(() -> number("select count(*)" + OF_PORTAL + " and kind = 'channel'") == 0);
        } finally {
            act("'kind':'team','op':'restore'");
        }
        watches.request().post(watches.path() + "/" + watch + "/resync").then().statusCode(202);
        watches.awaitChanges("channel-created.v1", channels);
        watches.becomes(watch, "active");
        nothingIsToldTwice();
    }

    @Test
    void partThatIsNotFoundIsLeftToItsWholeWhichLooksAtOnce() throws SQLException {
        String channel = act("'kind':'channel','topic':'" + named("Short") + "'");
        act("'kind':'channelMessage','channel':'" + channel + "','content':'in it'");
        watches.watch("{'kind':'team','resource':{'teamId':'" + Seed.TEAM_ID + "'},'portaluser':'ADA'}");
        microsoft.notifications("{'drop':true}");
        act("'kind':'channel','op':'delete','channel':'" + channel + "'");

        timeIsOver("channel");

        assertThat(ids(watches.awaitChanges("channel-deleted.v1", 1))).containsExactly(channel);
        await().atMost(PATIENCE)
                .until(() -> number("select count(*)" + OF_PORTAL + " and path like '%" + channel + "'") == 0);
        assertThat(watches.changesOf("channel-message-deleted.v1"))
                .as("it takes its messages along in one event")
                .isEmpty();
    }

    @Test
    void whoeverIsKilledWhileHeTellsLeavesTheRestToTheNextAndNothingIsToldTwice() throws SQLException {
        String folder = act("'kind':'mailFolder','mailbox':'" + Seed.CLARA + "','name':'" + named("Orders") + "'");
        microsoft.activity("{'kind':'mail','mailbox':'" + Seed.CLARA + "','folder':'" + folder + "','count':250}");
        nextSecond();
        String watch =
                watches.watch("{'kind':'mail-folder','resource':{'folder':'" + folder + "'},'portaluser':'CLARA'}");
        String known = " from known_resource where container_id = (select id" + OF_PORTAL + ") and not deleted";
        assertThat(number("select count(*)" + known)).isEqualTo(250);
        microsoft.notifications("{'drop':true}");
        try (Connection held = database.getConnection()) {
            held.setAutoCommit(false);
            try (var lock = held.prepareStatement(
                    "select 1" + known + " order by modified_at desc, resource_id desc limit 1 for update")) {
                lock.setString(1, watches.portal.id.value());
                lock.executeQuery();
            }
            act("'kind':'mailFolder','op':'delete','mailbox':'" + Seed.CLARA + "','folder':'" + folder
                    + "','forGood':true");

            // The last of three slices cannot be written, and its transaction dies with its process.
            long holder = number(held, "select pg_backend_pid()");
            String blocked = " from pg_stat_activity where " + holder + " = any(pg_blocking_pids(pid))";
            await().atMost(PATIENCE).until(() -> asked("select count(*)" + blocked) > 0);
            watches.awaitChanges("mail-deleted.v1", 200);
            asked("select count(pg_terminate_backend(pid))" + blocked);
            held.rollback();
        }

        Set<String> gone = Set.copyOf(ids(watches.awaitChanges("mail-deleted.v1", 250)));
        assertThat(gone).hasSize(250);
        watches.becomes(watch, "gone");
        assertThat(watches.get(watch).getString("problem")).isEqualTo("container-gone");
        nothingIsToldTwice();
        assertThat(watches.portal.changes().stream().map(Event::type).collect(Collectors.toSet()))
                .containsExactly("mail-deleted.v1");
    }

    private static String channelFor(String channel, String user) {
        return "{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'" + channel
                + "'},'portaluser':'" + user + "'}";
    }

    private List<JsonNode> syncs(String watch) {
        return watches.portal.progress(watch).stream()
                .map(Event::data)
                .filter(data -> data.path("done").asBoolean())
                .toList();
    }

    @Test
    void whoMayNotLookAtWhatAnotherDoesNotFindKeepsItFromGoingAndBothBeginAnew() throws SQLException {
        String channel = act("'kind':'channel','topic':'" + named("Doubtful") + "'");
        String message = act("'kind':'channelMessage','channel':'" + channel + "','content':'in it'");
        nextSecond();
        String ofAda = watches.watch(channelFor(channel, "ADA"));
        String ofBen = watches.watch(channelFor(channel, "BEN"));
        microsoft.proxyProblem("{'path':'/as/BEN/','status':403,'code':'Forbidden'}");
        act("'kind':'channel','op':'delete','channel':'" + channel + "'");
        timeIsOver("channel");

        // He who does not find it has looked often enough, and who is refused has not looked in vain.
        await("who is refused has had his turn")
                .atMost(PATIENCE)
                .until(() -> number("select count(*)" + OF_PORTAL + " and problem like '%403%'") == 1);
        await("each has had several turns").atMost(PATIENCE).until(() -> {
            assertThat(number("select missing_looks" + OF_PORTAL))
                    .as("every refusal begins the count anew")
                    .isLessThanOrEqualTo(1);
            assertThat(number("select count(*)" + OF_PORTAL + " and missing_for like '%" + ofBen + "%'"))
                    .isZero();
            return number("select attempts" + OF_PORTAL) >= 14;
        });
        assertThat(number("select count(*)" + OF_PORTAL + " and gone_since is not null"))
                .isZero();
        assertThat(watches.get(ofAda).getString("state")).isNotEqualTo("gone");
        assertThat(watches.changesOf("channel-message-deleted.v1")).isEmpty();

        microsoft.noProxyProblems();

        assertThat(ids(watches.awaitChanges("channel-message-deleted.v1", 1))).containsExactly(message);
        watches.becomes(ofAda, "gone");
        watches.becomes(ofBen, "gone");
        assertThat(number("select count(*)" + OF_PORTAL + " and missing_for like '%" + ofAda
                        + "%' and missing_for like '%" + ofBen + "%'"))
                .as("who has looked in vain")
                .isEqualTo(1);
        nothingIsToldTwice();
    }

    @Test
    void whoJoinsWhatCountsAsGoneAndFindsItLooksAtOnceForAll() {
        String channel = act("'kind':'channel','topic':'" + named("Private") + "'");
        String message = "'kind':'channelMessage','channel':'" + channel + "'";
        String told = act(message + ",'content':'in it'");
        nextSecond();
        String ofAda = watches.watch(channelFor(channel, "ADA"));
        String hers = watches.get(ofAda).getString("subscription.id");
        // Her subscription can be deleted only when somebody else has come, and by her alone.
        microsoft.fault("{'match':{'method':'DELETE','path':'/subscriptions/'},'status':503,'times':1}");
        // She was taken out of it, which Graph may say like this.
        microsoft.proxyProblem("{'path':'/as/ADA/v1.0/teams','status':404,'code':'NotFound'}");
        watches.request().post(watches.path() + "/" + ofAda + "/resync").then().statusCode(202);
        assertThat(ids(watches.awaitChanges("channel-message-deleted.v1", 1))).containsExactly(told);
        watches.becomes(ofAda, "gone");

        // The next look of hers is an hour away.
        String ofBen = watches.watch(channelFor(channel, "BEN"));

        assertThat(ids(watches.awaitChanges("channel-message-created.v1", 1))).containsExactly(told);
        await("he has one of his own, since hers is not in its way")
                .atMost(PATIENCE)
                .until(() -> {
                    String his = watches.get(ofBen).getString("subscription.id");
                    return his != null && !his.equals(hers);
                });
        watches.becomes(ofAda, "active");
        act(message + ",'content':'for both'");
        watches.awaitChanges("channel-message-created.v1", 2);
        nothingIsToldTwice();
    }

    @Test
    void syncOfWhatGoesMeanwhileIsOverOnceAndAnotherOneBeginsWhenItIsBack() throws SQLException {
        String channel = act("'kind':'channel','topic':'" + named("Half") + "'");
        microsoft.activity("{'kind':'channelMessage','channel':'" + channel + "','content':'one of many','count':70}");
        nextSecond();
        microsoft.fault("{'match':{'method':'GET','path':'messages/delta'},'delayMs':1500}");
        String watch = watches.post(channelFor(channel, "ADA"));
        await("a page has been read").atMost(PATIENCE).until(() -> {
            Integer pages = watches.get(watch).get("sync.pages");
            return pages != null && pages > 0;
        });
        act("'kind':'channel','op':'delete','channel':'" + channel + "'");
        microsoft.noFaults();

        watches.becomes(watch, "gone");
        await("its sync is over").atMost(PATIENCE).until(() -> !syncs(watch).isEmpty());
        JsonNode first = syncs(watch).get(0);
        assertThat(first.path("pages").asInt()).as("it was not read to its end").isBetween(1, 3);
        assertThat(watches.get(watch).getBoolean("sync.done")).isTrue();

        // Another look in vain is no other end.
        long before = number("select attempts" + OF_PORTAL);
        watches.request().post(watches.path() + "/" + watch + "/resync").then().statusCode(202);
        await("it was looked for").atMost(PATIENCE).until(() -> number("select attempts" + OF_PORTAL) > before);
        assertThat(watches.get(watch).getString("state")).isEqualTo("gone");
        assertThat(syncs(watch)).containsExactly(first);

        act("'kind':'channel','op':'restore','channel':'" + channel + "'");
        watches.request().post(watches.path() + "/" + watch + "/resync").then().statusCode(202);
        watches.becomes(watch, "active");
        await("another sync is over").atMost(PATIENCE).until(() -> syncs(watch).size() > 1);
        assertThat(syncs(watch)).hasSize(2);
        JsonNode second = syncs(watch).get(1);
        assertThat(Instant.parse(second.path("begunAt").asText()))
                .isAfter(Instant.parse(first.path("begunAt").asText()));
        assertThat(second.path("items").asLong()).isEqualTo(70);
        assertThat(watches.portal.progress(watch)).extracting(Event::id).doesNotHaveDuplicates();
        nothingIsToldTwice();
    }

    @Test
    void countThatAnOlderReplicaHasLeftBehindIsWorthNothing() throws SQLException {
        String watch = watches.watch("{'kind':'mail-folder','resource':{'folder':'archive'},'portaluser':'CLARA'}");
        String mail = "'kind':'mail','mailbox':'" + Seed.CLARA + "','folder':'archive'";
        act(mail + ",'subject':'there'");
        watches.awaitChanges("mail-created.v1", 1);
        microsoft.proxyProblem("{'path':'messages/delta','slug':'graph-unreachable','status':502}");
        await().atMost(PATIENCE).until(() -> number("select attempts" + OF_PORTAL) > 0);
        // It knows nothing of the count, and has read the container since.
        try (Connection connection = database.getConnection();
                var statement =
                        connection.prepareStatement("update container set missing_since = now() - interval '1 day',"
                                + " missing_looks = 2, missing_for = ? where portal = ?")) {
            statement.setString(1, watch);
            statement.setString(2, watches.portal.id.value());
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }

        // A hiccup: not found once.
        String once = "'status':404,'code':'ErrorItemNotFound','times':1}";
        microsoft.fault("{'match':{'method':'GET','path':'mailFolders/[^/]+$'}," + once);
        microsoft.fault("{'match':{'method':'GET','path':'messages/delta'}," + once);
        microsoft.noProxyProblems();
        act(mail + ",'subject':'still there'");

        watches.awaitChanges("mail-created.v1", 2);
        assertThat(watches.get(watch).getString("state")).isEqualTo("active");
        assertThat(watches.changesOf("mail-deleted.v1")).isEmpty();
    }

    /** On a connection of its own each time: within a transaction PostgreSQL shows who was there at its first look. */
    private long asked(String query) throws SQLException {
        try (Connection connection = database.getConnection()) {
            return number(connection, query);
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }
}
