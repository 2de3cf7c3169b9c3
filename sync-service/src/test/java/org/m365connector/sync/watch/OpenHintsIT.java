package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** A delta lags behind its notifications: what they have named is told nevertheless, and once. The timer is hours away. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.round.mail-interval", value = "2H"),
            @ResourceArg(name = "m365.sync.round.teams-interval", value = "2H"),
            @ResourceArg(name = "m365.sync.round.calendar-slide", value = "1D"),
            @ResourceArg(name = "m365.sync.round.follow-up", value = "500MS"),
            @ResourceArg(name = "m365.sync.round.open-hints", value = "5")
        })
class OpenHintsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String OPEN =
            "select count(*) from open_hint where container_id in (select id from container where portal = ?)";
    private static final String INBOX = "users/" + Seed.CLARA + "/mailFolders/inbox/messages";

    @Inject
    DataSource database;

    @Inject
    MeterRegistry meters;

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

    private String watch(String json) {
        String watch = watches.watch(json);
        settled();
        return watch;
    }

    private void settled() {
        await("nothing is due before the timer")
                .atMost(PATIENCE)
                .until(() -> number("select count(*) from container where portal = ?"
                                + " and (lease_owner is not null or due_at < now() + interval '1 hour')")
                        == 0);
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

    private JsonNode act(String json) {
        return microsoft.activity("{" + json + "}").at("/items/0");
    }

    private String mail(String op, String more) {
        return act("'kind':'mail','op':'" + op + "','mailbox':'" + Seed.CLARA + "'" + more)
                .path("immutableId")
                .asText();
    }

    private static String id(Event<JsonNode> change) {
        return change.data().at("/resource/id").asText();
    }

    /** The delta catches up, and a round reads it: that is no news. */
    private void catchUp() throws SQLException {
        int told = watches.portal.changes().size();
        microsoft.holdDeltas();
        Instant begin = Instant.now();
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement("update container set due_at = now() where portal = ?")) {
            statement.setString(1, watches.portal.id.value());
            statement.executeUpdate();
        }
        settled();
        assertThat(begin).isBefore(Instant.now());
        assertThat(watches.portal.changes()).hasSize(told);
        assertThat(watches.portal.changes()).extracting(Event::id).doesNotHaveDuplicates();
    }

    @Test
    void mailThatTheDeltaDoesNotShowIsAskedForChangedAndGone() throws SQLException {
        watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        Map<String, String> untold = new TreeMap<>(microsoft.present(INBOX));
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");

        String mail = mail("create", ",'subject':'named only'");
        assertThat(id(watches.awaitChanges("mail-created.v1", 1).get(0))).isEqualTo(mail);
        settled();
        assertThat(number(OPEN)).isZero();
        mail("update", ",'id':'" + mail + "'");
        assertThat(watches.awaitChanges("mail-updated.v1", 1)
                        .get(0)
                        .data()
                        .path("changed")
                        .toString())
                .contains("isRead");
        String moved = mail("create", ",'subject':'goes'");
        watches.awaitChanges("mail-created.v1", 2);
        mail("move", ",'id':'" + moved + "','destination':'archive'");
        assertThat(id(watches.awaitChanges("mail-deleted.v1", 1).get(0))).isEqualTo(moved);
        settled();

        catchUp();
        watches.awaitTruth(microsoft, INBOX, untold);
        mail("update", ",'id':'" + mail + "','change':{'subject':'shown by a delta'}");
        watches.awaitChanges("mail-updated.v1", 2);
    }

    @Test
    void hintStaysOpenWhileGraphWantsToBeLeftInPeaceAndWhileTheThingCannotBeAskedFor() throws SQLException {
        String watch = watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");
        String single = "'match':{'method':'GET','path':'users/[^/]+/messages/[^/]+$'}";
        microsoft.fault("{" + single + ",'status':429,'retryAfter':'10','times':1}");

        mail("create", ",'subject':'after the pause'");
        await().atMost(PATIENCE).until(() -> number(OPEN) == 1);
        await().atMost(PATIENCE).until(() -> String.valueOf(watches.get(watch).getString("problem"))
                .contains("429"));
        assertThat(number(OPEN)).isEqualTo(1);
        watches.awaitChanges("mail-created.v1", 1);

        settled();
        microsoft.fault("{" + single + ",'status':500,'times':1}");
        mail("create", ",'subject':'the second time'");
        watches.awaitChanges("mail-created.v1", 2);
        settled();
        assertThat(number(OPEN)).isZero();
    }

    @Test
    void hintIsSettledByTheTransactionThatTellsWhatItNamed() throws SQLException {
        watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");
        microsoft.fault("{'match':{'method':'GET','path':'users/[^/]+/messages/[^/]+$'},'delayMs':2500}");
        String mail = mail("create", ",'subject':'told by a look'");
        await("a round looks at it")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> number("select count(*) from container c join open_hint h on h.container_id = c.id"
                                + " where c.portal = ? and c.lease_owner is not null and h.looks >= 2")
                        == 1);
        try (Connection held = database.getConnection()) {
            held.setAutoCommit(false);
            // What the look finds cannot be written down, and the transaction dies with its process.
            try (var row = held.prepareStatement("insert into known_resource"
                    + " (container_id, resource_id, generation, etag, modified_at, deleted, scan, fields)"
                    + " select id, ?, 1, 'nobody''s', now(), false, 1, '' from container where portal = ?")) {
                row.setString(1, mail);
                row.setString(2, watches.portal.id.value());
                assertThat(row.executeUpdate()).isEqualTo(1);
            }
            String blocked = " from pg_stat_activity where " + of(held, "select pg_backend_pid()")
                    + " = any(pg_blocking_pids(pid))";
            await("a round is about to end").atMost(PATIENCE).until(() -> asked("select count(*)" + blocked) > 0);
            assertThat(number(OPEN)).as("untold and open").isEqualTo(1);
            asked("select count(pg_terminate_backend(pid))" + blocked);
            await("it is over").atMost(PATIENCE).until(() -> asked("select count(*)" + blocked) == 0);
            assertThat(number(OPEN)).as("nothing of the round is left").isEqualTo(1);
            assertThat(watches.portal.changes()).isEmpty();
            held.rollback();
        }

        assertThat(id(watches.awaitChanges("mail-created.v1", 1).get(0))).isEqualTo(mail);
        settled();
        assertThat(number(OPEN)).as("told and settled").isZero();
        catchUp();
    }

    /** On a connection of its own each time: within a transaction PostgreSQL shows who was there at its first look. */
    private long asked(String query) throws SQLException {
        try (Connection connection = database.getConnection()) {
            return of(connection, query);
        }
    }

    private static long of(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    @Test
    void whatWasLookedAtIsKeptWhereGraphWantsToBeLeftInPeaceBeforeTheLastLook() throws SQLException {
        watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");
        // All of them are named before a round can show any.
        microsoft.proxyProblem("{'path':'messages/delta','slug':'graph-unreachable','status':502}");
        Instant begin = Instant.now();
        double countedBefore = counted();
        microsoft.activity("{'kind':'mail','mailbox':'" + Seed.CLARA + "','count':5}");
        await().atMost(PATIENCE).until(() -> number(OPEN) == 5);
        microsoft.proxyProblem("{'path':'/users/" + Seed.CLARA_OID
                + "/messages/','slug':'too-many-calls','status':429,'after':3,'times':1}");

        microsoft.noProxyProblems("messages/delta");

        watches.awaitChanges("mail-created.v1", 5);
        settled();
        assertThat(number(OPEN)).isZero();
        assertThat(microsoft.requestsSince(begin))
                .filteredOn(request -> request.matches("GET .*/users/[^/]+/messages/[^/]+"))
                .as("each is looked at once")
                .hasSize(5);
        await("what was told before the looks broke off is counted, too")
                .atMost(Duration.ofSeconds(20))
                .until(() -> counted() - countedBefore == 5);
        catchUp();
    }

    private double counted() {
        return meters.counter("m365.sync.changes", "kind", "mail-folder").count();
    }

    @Test
    void chatWhosePartEndsIsNewToTheWholeWhenSomethingIsSaidThere() throws SQLException {
        String watch = watch("{'kind':'chats','resource':{},'portaluser':'ADA'}");
        String part = " portal = ? and parent = '" + watch + "' and container_id in"
                + " (select id from container where path = 'chats/" + Seed.CHAT_ID + "')";
        // She has left it, and its end is not over.
        change("update watch set state = 'ENDING', next_attempt_at = now() + interval '1 hour' where" + part);

        microsoft.activity("{'kind':'chatMessage','chat':'" + Seed.CHAT_ID + "','user':'" + Seed.BEN
                + "','content':'welcome back'}");

        await("the whole has looked")
                .atMost(Duration.ofMinutes(1))
                .until(() -> number("select count(*) from watch where state = 'WATCHING' and" + part) == 1);
        change("update watch set next_attempt_at = now() where state = 'ENDING' and" + part);
    }

    private void change(String update) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(update)) {
            statement.setString(1, watches.portal.id.value());
            assertThat(statement.executeUpdate()).isPositive();
        }
    }

    @Test
    void standardFolderOfContactsIsAskedForOnceForAllThatARoundLooksAt() throws SQLException {
        watch("{'kind':'contacts','resource':{},'portaluser':'CLARA'}");
        microsoft.holdDeltas("/delta");
        microsoft.proxyProblem("{'path':'contacts/delta','slug':'graph-unreachable','status':502}");
        Instant begin = Instant.now();
        microsoft.activity("{'kind':'contact','mailbox':'" + Seed.CLARA + "','name':'Grace Hopper','count':4}");
        await().atMost(PATIENCE).until(() -> number(OPEN) == 4);

        microsoft.noProxyProblems();

        watches.awaitChanges("contact-created.v1", 4);
        settled();
        assertThat(microsoft.requestsSince(begin))
                .filteredOn(request -> request.matches("GET .*/users/[^/]+/contacts"))
                .hasSize(1);
    }

    @Test
    void whatAGatewayDoesNotFindIsNotToldDeleted() throws SQLException {
        watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        String mail = mail("create", ",'subject':'there all the time'");
        watches.awaitChanges("mail-created.v1", 1);
        settled();
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");
        // It has no code of Graph's, or one that speaks of the whole mailbox.
        String single = "{'match':{'method':'GET','path':'users/[^/]+/messages/[^/]+$'},'status':404,'times':1,";
        microsoft.fault(single + "'html':true}");
        microsoft.fault(single + "'code':'MailboxNotEnabledForRESTAPI'}");

        mail("update", ",'id':'" + mail + "'");

        watches.awaitChanges("mail-updated.v1", 1);
        settled();
        assertThat(watches.changesOf("mail-deleted.v1")).isEmpty();
        assertThat(number(OPEN)).isZero();
        catchUp();
    }

    @Test
    void mailOfAWholeMailboxIsAskedForInTheFolderThatItLiesIn() throws SQLException {
        watch("{'kind':'mailbox','resource':{},'portaluser':'CLARA'}");
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");

        String mail = mail("create", ",'folder':'archive','subject':'somewhere'");
        Event<JsonNode> created = watches.awaitChanges("mail-created.v1", 1).get(0);
        assertThat(id(created)).isEqualTo(mail);
        settled();
        mail("update", ",'id':'" + mail + "'");
        assertThat(watches.awaitChanges("mail-updated.v1", 1).get(0).data().path("container"))
                .isEqualTo(created.data().path("container"));
        mail("delete", ",'id':'" + mail + "','forGood':true");
        watches.awaitChanges("mail-deleted.v1", 1);
        settled();
        assertThat(number(OPEN)).isZero();
        catchUp();
    }

    @Test
    void whatPeopleWroteIsToldOfWhatIsAskedFor() {
        watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA','content':true}");
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");

        mail("create", ",'subject':'Order','body':'seventeen pieces'");

        assertThat(watches.awaitChanges("mail-created.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/body/content")
                        .asText())
                .contains("seventeen pieces");
    }

    @Test
    void soManyAreKeptInMindAndTheRestIsFoundByRounds() throws SQLException {
        watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        microsoft.holdDeltas("mailFolders/[^/]+/messages/delta");
        // They stay open for as long as nothing can be asked for.
        microsoft.fault("{'match':{'method':'GET','path':'users/[^/]+/messages/[^/]+$'},'status':500}");
        long hints = number("select hints from container where portal = ?");

        microsoft.activity("{'kind':'mail','mailbox':'" + Seed.CLARA + "','count':12}");
        await().atMost(PATIENCE).until(() -> number("select hints from container where portal = ?") >= hints + 12);
        assertThat(number(OPEN)).isEqualTo(5);

        microsoft.noFaults();
        microsoft.holdDeltas();
        mail("create", ",'subject':'the thirteenth'");
        watches.awaitChanges("mail-created.v1", 13);
        settled();
        assertThat(number(OPEN)).isZero();
        assertThat(watches.portal.changes()).extracting(Event::id).doesNotHaveDuplicates();
    }

    @Test
    void contactsEventsAndMessagesAreAskedForToo() throws SQLException {
        watch("{'kind':'contacts','resource':{},'portaluser':'CLARA'}");
        watch("{'kind':'calendar','resource':{},'portaluser':'CLARA'}");
        watch("{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'" + Seed.GENERAL_ID
                + "'},'portaluser':'ADA'}");
        watch("{'kind':'chats','resource':{},'portaluser':'ADA'}");
        microsoft.holdDeltas("/delta", "chats/[^/]+/messages$");

        String contact = act("'kind':'contact','mailbox':'" + Seed.CLARA + "','name':'Grace Hopper'")
                .path("immutableId")
                .asText();
        String event = act("'kind':'event','mailbox':'" + Seed.CLARA + "','subject':'Review'")
                .path("id")
                .asText();
        String root =
                act("'kind':'channelMessage','content':'Question'").path("id").asText();
        String reply = act("'kind':'channelMessage','content':'Answer','replyTo':'" + root + "'")
                .path("id")
                .asText();
        String said = act("'kind':'chatMessage','content':'hello','user':'" + Seed.BEN + "'")
                .path("id")
                .asText();

        assertThat(id(watches.awaitChanges("contact-created.v1", 1).get(0))).isEqualTo(contact);
        assertThat(id(watches.awaitChanges("event-created.v1", 1).get(0))).isEqualTo(event);
        assertThat(id(watches.awaitChanges("chat-message-created.v1", 1).get(0)))
                .isEqualTo(said);
        List<Event<JsonNode>> messages = watches.awaitChanges("channel-message-created.v1", 2);
        assertThat(messages).extracting(OpenHintsIT::id).containsExactlyInAnyOrder(root, reply);
        assertThat(messages).anyMatch(change -> change.subject().orElseThrow().endsWith(root + "/replies/" + reply));

        act("'kind':'contact','op':'update','mailbox':'" + Seed.CLARA + "','id':'" + contact + "'");
        act("'kind':'event','op':'update','mailbox':'" + Seed.CLARA + "','id':'" + event
                + "','change':{'subject':'Review, at last'}");
        act("'kind':'channelMessage','op':'update','id':'" + reply + "','content':'A better answer'");
        act("'kind':'chatMessage','op':'update','id':'" + said + "','content':'hello again'");
        watches.awaitChanges("contact-updated.v1", 1);
        watches.awaitChanges("event-updated.v1", 1);
        watches.awaitChanges("channel-message-updated.v1", 1);
        watches.awaitChanges("chat-message-updated.v1", 1);

        act("'kind':'contact','op':'delete','mailbox':'" + Seed.CLARA + "','id':'" + contact + "'");
        act("'kind':'event','op':'delete','mailbox':'" + Seed.CLARA + "','id':'" + event + "'");
        act("'kind':'channelMessage','op':'delete','id':'" + reply + "'");
        act("'kind':'chatMessage','op':'delete','id':'" + said + "'");
        watches.awaitChanges("contact-deleted.v1", 1);
        watches.awaitChanges("event-deleted.v1", 1);
        watches.awaitChanges("channel-message-deleted.v1", 1);
        watches.awaitChanges("chat-message-deleted.v1", 1);
        settled();
        catchUp();
    }
}
