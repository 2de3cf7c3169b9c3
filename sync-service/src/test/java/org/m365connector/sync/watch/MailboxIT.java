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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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

/** What is special about whole mailboxes and contacts; what holds for every container is WatchIT's. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(GraphStandIn.class)
class MailboxIT {
    private static final String CONTACTS = "users/" + Seed.CLARA + "/contacts";

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

    private JsonNode act(String kind, String op, String more) {
        return microsoft
                .activity("{'kind':'" + kind + "','op':'" + op + "','mailbox':'" + Seed.CLARA + "'," + more + "}")
                .at("/items/0");
    }

    private String contact(String op, String more) {
        return act("contact", op, more).path("immutableId").asText();
    }

    private String mail(String op, String more) {
        return act("mail", op, more).path("immutableId").asText();
    }

    private String folder(String name) {
        return act("mailFolder", "create", "'parent':'inbox','name':'" + name + " " + watches.portal.id + "'")
                .path("id")
                .asText();
    }

    /** Graph tells its time in whole seconds, and what happened in the same second is rather told than kept. */
    private static void nextSecond() {
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
    }

    private static String id(Event<JsonNode> change) {
        return change.data().at("/resource/id").asText();
    }

    private static String container(Event<JsonNode> change) {
        return change.data().path("container").asText();
    }

    @Test
    void contactsComeChangeAndGo() {
        String old = contact("create", "'name':'Old'");
        String suppliers = "Suppliers " + watches.portal.id;
        act("contactFolder", "create", "'name':'" + suppliers + "'");
        nextSecond();
        watches.watch("{'kind':'contacts','resource':{},'portaluser':'CLARA'}");

        String grace = contact("create", "'name':'Grace'");
        Event<JsonNode> created = watches.awaitChanges("contact-created.v1", 1).get(0);
        assertThat(id(created)).isEqualTo(grace);
        assertThat(created.subject()).contains("users/" + Seed.CLARA_OID + "/contacts/" + grace);
        assertThat(created.data().at("/resource/displayName").asText()).isEqualTo("Grace");

        contact("update", "'id':'" + grace + "','name':'Grace Hopper'");
        assertThat(watches.awaitChanges("contact-updated.v1", 1)
                        .get(0)
                        .data()
                        .path("changed")
                        .toString())
                .isEqualTo("[\"displayName\"]");
        contact("move", "'id':'" + grace + "','destination':'" + suppliers + "'");
        assertThat(id(watches.awaitChanges("contact-deleted.v1", 1).get(0))).isEqualTo(grace);
        contact("move", "'id':'" + grace + "','destination':'Contacts'");
        assertThat(id(watches.awaitChanges("contact-created.v1", 2).get(1)))
                .as("back again")
                .isEqualTo(grace);

        // Deleted ones lie in Deleted Items for a while, and are gone nevertheless; also where the delta link died
        // meanwhile.
        contact("delete", "'id':'" + grace + "'");
        watches.awaitChanges("contact-deleted.v1", 2);
        microsoft.forgetDeltaLinks();
        contact("delete", "'id':'" + old + "'");
        assertThat(id(watches.awaitChanges("contact-deleted.v1", 3).get(2))).isEqualTo(old);
    }

    @Test
    void contactsAreTrueInTheEndWhateverNotificationsAreLost() {
        watches.watch("{'kind':'contacts','resource':{},'portaluser':'CLARA'}");
        Map<String, String> untold = new TreeMap<>(microsoft.present(CONTACTS));
        microsoft.notifications("{'drop':true,'duplicate':true,'reorder':true,'probability':0.3}");

        Random random = new Random(29);
        for (int i = 0; i < 30; i++) {
            String op =
                    i < 10 ? "create" : List.of("create", "update", "delete").get(random.nextInt(3));
            contact(op, "'name':'contact " + i + "'");
        }

        watches.awaitTruth(microsoft, CONTACTS, untold);
    }

    @Test
    void contactsOfOneFolderAreWatchedByItAndThoseOfSomebodyElseAreRefused() {
        String folder = act("contactFolder", "create", "'name':'Friends " + watches.portal.id + "'")
                .path("id")
                .asText();
        String refused = watches.post("{'kind':'contacts','resource':{'user':'" + Seed.BEN + "'},'portaluser':'ADA'}");
        watches.becomes(refused, "refused");
        watches.watch("{'kind':'contacts','resource':{'folder':'" + folder + "'},'portaluser':'CLARA'}");

        contact("create", "'name':'elsewhere'");
        String friend = contact("create", "'name':'friend','folder':'" + folder + "'");

        Event<JsonNode> created = watches.awaitChanges("contact-created.v1", 1).get(0);
        assertThat(id(created)).isEqualTo(friend);
        assertThat(container(created)).isEqualTo("users/" + Seed.CLARA_OID + "/contactFolders/" + folder + "/contacts");
    }

    private String watchMailbox(String more) {
        return watches.watch("{'kind':'mailbox','resource':{},'portaluser':'CLARA'" + more + "}");
    }

    @Test
    void mailsOfAllFoldersAreHeardOfByOneSubscription() throws SQLException {
        String orders = folder("Orders");
        String watch = watchMailbox("");
        String part = " from container where portal = ? and path like '%" + orders + "'";
        long hints = count("select hints" + part);

        String inInbox = mail("create", "'subject':'in the inbox'");
        String inOrders = mail("create", "'subject':'in a folder','folder':'" + orders + "'");
        List<Event<JsonNode>> created = watches.awaitChanges("mail-created.v1", 2);
        assertThat(created).extracting(MailboxIT::id).containsExactlyInAnyOrder(inInbox, inOrders);
        assertThat(created)
                .as("a part is its whole's")
                .allMatch(change -> change.data().path("watch").asText().equals(watch));

        await("it is found to be the place")
                .atMost(Duration.ofMinutes(3))
                .until(() -> count("select hints" + part) > hints);

        // A move: gone here, come there, and the same mail.
        mail("move", "'id':'" + inInbox + "','destination':'" + orders + "'");
        Event<JsonNode> left = watches.awaitChanges("mail-deleted.v1", 1).get(0);
        Event<JsonNode> came = watches.awaitChanges("mail-created.v1", 3).stream()
                .filter(change ->
                        container(change).endsWith(orders) && id(change).equals(inInbox))
                .findFirst()
                .orElseThrow();
        assertThat(id(left)).isEqualTo(id(came));
        assertThat(container(left)).isNotEqualTo(container(came));

        mail("update", "'id':'" + inOrders + "'");
        assertThat(id(watches.awaitChanges("mail-updated.v1", 1).get(0)))
                .as("inInbox %s inOrders %s %s", inInbox, inOrders, watches.portal.changes())
                .isEqualTo(inOrders);
        await("it is known to be the place")
                .atMost(Duration.ofMinutes(3))
                .until(() -> count("select count(last_hint_at)" + part) == 1);
        mail("delete", "'id':'" + inOrders + "','forGood':true");
        assertThat(id(watches.awaitChanges("mail-deleted.v1", 2).get(1))).isEqualTo(inOrders);
        assertThat(count("select count(*) from subscription where container_id in"
                        + " (select id from container where portal = ?)"))
                .isEqualTo(1);
        assertThat(watches.changesOf("mail-folder-created.v1")).isEmpty();
    }

    @Test
    void foldersOfAMailboxComeChangeAndGoWhileItIsWatched() throws SQLException {
        String watch = watchMailbox("");

        String made = folder("Made later");
        String first = mail("create", "'subject':'first','folder':'" + made + "'");
        assertThat(id(watches.awaitChanges("mail-created.v1", 1).get(0))).isEqualTo(first);
        assertThat(id(watches.awaitChanges("mail-folder-created.v1", 1).get(0))).isEqualTo(made);
        act("mailFolder", "update", "'folder':'" + made + "','name':'Renamed " + watches.portal.id + "'");
        assertThat(watches.awaitChanges("mail-folder-updated.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/displayName")
                        .asText())
                .startsWith("Renamed");
        long folders = count("select count(*) from container where portal = ? and kind = 'mail-folder'");
        act("mailFolder", "delete", "'folder':'" + made + "','forGood':true");
        watches.awaitChanges("mail-folder-deleted.v1", 1);
        await().atMost(Duration.ofMinutes(3))
                .until(() -> count("select count(*) from container where portal = ? and kind = 'mail-folder'")
                        == folders - 1);

        watches.end(watch);
        await().atMost(Duration.ofMinutes(3)).until(() -> watches.isGone(watch));
        await().atMost(Duration.ofMinutes(3))
                .until(() -> count("select count(*) from container where portal = ?") == 0);
    }

    @Test
    void folderThatIsWatchedBesidesKeepsASubscriptionOfItsOwnAndIsToldOnce() throws SQLException {
        String whole = watchMailbox("");
        String inbox = watches.watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        assertThat(watches.get(inbox).getString("subscription.state")).isEqualTo("active");

        mail("create", "'subject':'once'");
        watches.awaitChanges("mail-created.v1", 1);
        watches.end(whole);
        await().atMost(Duration.ofMinutes(3)).until(() -> watches.isGone(whole));
        await().atMost(Duration.ofMinutes(3))
                .until(() -> count("select count(*) from container where portal = ?") == 1);
        mail("create", "'subject':'still here'");
        watches.awaitChanges("mail-created.v1", 2);
        assertThat(watches.changesOf("mail-updated.v1")).isEmpty();
    }

    @Test
    void filterHoldsForAllFolders() {
        watchMailbox(",'filter':{'subject':'invoice'}");
        String archived = mail("create", "'subject':'Invoice 7','folder':'archive'");
        mail("create", "'subject':'nothing'");
        String wanted = mail("create", "'subject':'Invoice 8'");
        assertThat(watches.awaitChanges("mail-created.v1", 2))
                .extracting(MailboxIT::id)
                .containsExactlyInAnyOrder(archived, wanted);
    }

    @Test
    void wholeMailboxIsTrueInTheEndWhateverNotificationsAndDeltaLinksAreLost() {
        List<String> folders = List.of("inbox", "archive", "drafts", "deleteditems");
        watchMailbox("");
        Map<String, Map<String, String>> told = new HashMap<>();
        folders.forEach(name -> told.put(path(name), new TreeMap<>(microsoft.present(path(name) + "/messages"))));
        microsoft.notifications("{'drop':true,'duplicate':true,'reorder':true,'probability':0.3}");

        Random random = new Random(31);
        for (int i = 0; i < 30; i++) {
            String op = i < 10
                    ? "create"
                    : List.of("create", "update", "move", "delete").get(random.nextInt(4));
            String more = op.equals("create")
                    ? "'folder':'" + folders.get(random.nextInt(3)) + "','subject':'mail " + i + "'"
                    : "'folder':'inbox'";
            if (!op.equals("create")) {
                mail("create", "'subject':'there is one'");
            }
            mail(op, more);
            if (i == 20) {
                microsoft.forgetDeltaLinks();
            }
        }

        await("changes add up to the truth")
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    Map<String, Map<String, String>> now = told(told);
                    for (String name : folders) {
                        assertThat(now.get(path(name))).as(name).isEqualTo(microsoft.present(path(name) + "/messages"));
                    }
                });
        Set<String> ids = new HashSet<>();
        assertThat(watches.portal.changes()).as("told once").allMatch(change -> ids.add(change.id()));
    }

    private static String path(String folder) {
        return "users/" + Seed.CLARA + "/mailFolders/" + folder;
    }

    /** By container as the test names it: what is there according to the changes. */
    private Map<String, Map<String, String>> told(Map<String, Map<String, String>> untold) {
        Map<String, Map<String, String>> state = new HashMap<>();
        Map<String, String> names = new HashMap<>();
        untold.forEach((path, there) -> {
            state.put(path, new TreeMap<>(there));
            String container =
                    microsoft.truth(path + "/messages").path("resource").asText();
            names.put(container.substring(0, container.lastIndexOf('/')), path);
        });
        for (Event<JsonNode> change : watches.portal.changes()) {
            Map<String, String> there = state.get(names.get(container(change)));
            if (there != null && change.type().equals("mail-deleted.v1")) {
                there.remove(id(change));
            } else if (there != null) {
                there.put(id(change), change.data().at("/resource/etag").asText());
            }
        }
        return state;
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
