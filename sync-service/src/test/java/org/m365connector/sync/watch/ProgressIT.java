package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.events.Topics;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;
import org.m365connector.sync.SecondProcess;
import org.m365connector.sync.work.Leases;

/** While a container is read as a whole its watches hear how far that has got, and once that it is over. Pages are small, and slow. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.round.page-size", value = "5"),
            @ResourceArg(name = "m365.sync.round.workers", value = "1"),
            @ResourceArg(name = "m365.sync.round.calendar-slide", value = "2S"),
            @ResourceArg(name = "m365.sync.change.progress-every", value = "1S")
        })
class ProgressIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final String SLOW_PAGES = "{'match':{'method':'GET','path':'delta'},'delayMs':600,'times':10000}";

    @Inject
    DataSource database;

    @Inject
    Leases leases;

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

    /** A new folder of Clara's with so many mails, all of them of before whatever watch comes; its id. */
    private String folder(String name, int mails) {
        String id = microsoft
                .activity("{'kind':'mailFolder','op':'create','mailbox':'" + Seed.CLARA + "','parent':'inbox','name':'"
                        + name + " " + watches.portal.id + "'}")
                .at("/items/0/id")
                .asText();
        mail(id, name, mails);
        // Graph tells its time in whole seconds, and what happened in the same second is rather told than kept.
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
        return id;
    }

    private void mail(String folder, String subject, int count) {
        microsoft.activity("{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA + "','folder':'" + folder
                + "','subject':'" + subject + "','count':" + count + "}");
    }

    private String post(String folder) {
        return watches.post("{'kind':'mail-folder','resource':{'folder':'" + folder + "'},'portaluser':'CLARA'}");
    }

    private List<JsonNode> progress(String watch) {
        return watches.portal.progress(watch).stream().map(Event::data).toList();
    }

    private List<JsonNode> done(String watch, String sync) {
        return progress(watch).stream()
                .filter(data -> data.path("done").asBoolean()
                        && data.path("sync").asText().equals(sync))
                .toList();
    }

    private JsonNode awaitDone(String watch, String sync) {
        await(sync + " sync is done").atMost(PATIENCE).until(() -> !done(watch, sync)
                .isEmpty());
        return done(watch, sync).get(0);
    }

    private JsonPath awaitPages(String watch, int pages) {
        return await(pages + " pages").atMost(PATIENCE).until(() -> watches.get(watch), shown -> {
            Integer read = shown.get("sync.pages");
            return read != null && read >= pages;
        });
    }

    /** What a portal may rely on, whatever happened: of each sync counts that never go back, nothing after its end, one id for one fact. */
    private void assertSound(String watch) {
        List<Event<JsonNode>> events = watches.portal.progress(watch);
        assertThat(events).extracting(Event::id).doesNotHaveDuplicates();
        for (int i = 1; i < events.size(); i++) {
            JsonNode before = events.get(i - 1).data();
            JsonNode now = events.get(i).data();
            Instant begun = Instant.parse(now.path("begunAt").asText());
            if (begun.equals(Instant.parse(before.path("begunAt").asText()))) {
                assertThat(before.path("done").asBoolean()).as("%s", before).isFalse();
                assertThat(now.path("pages").asInt())
                        .isGreaterThan(before.path("pages").asInt());
                assertThat(now.path("items").asLong())
                        .isGreaterThanOrEqualTo(before.path("items").asLong());
            } else {
                assertThat(begun).isAfter(Instant.parse(before.path("begunAt").asText()));
            }
        }
    }

    @Test
    void firstSyncIsToldNowAndThenAndOnceThatItIsOver() {
        String folder = folder("many", 63);
        microsoft.fault(SLOW_PAGES);
        String watch = post(folder);

        // While it runs the API says how far it is.
        JsonPath running = awaitPages(watch, 2);
        assertThat(running.getBoolean("sync.done")).isFalse();
        assertThat(running.getString("sync.sync")).isEqualTo("first");
        assertThat(running.getInt("sync.items")).isEqualTo(5 * running.getInt("sync.pages"));
        assertThat(running.getString("sync.begunAt")).isNotNull();
        assertThat(running.getString("sync.endedAt")).isNull();
        assertThat(running.getString("state")).isEqualTo("pending");

        JsonNode done = awaitDone(watch, "first");
        assertThat(done.path("pages").asInt()).isEqualTo(13);
        assertThat(done.path("items").asLong()).isEqualTo(63);
        assertThat(done.path("container").asText()).isEqualTo("users/" + Seed.CLARA_OID + "/mailFolders/" + folder);
        assertThat(done.path("begunAt").asText()).isEqualTo(running.getString("sync.begunAt"));
        assertSound(watch);
        List<Event<JsonNode>> events = watches.portal.progress(watch);
        assertThat(events.size()).isGreaterThanOrEqualTo(3);
        assertThat(events.get(events.size() - 1).data()).isEqualTo(done);
        for (int i = 1; i < events.size() - 1; i++) {
            assertThat(Duration.between(events.get(i - 1).time(), events.get(i).time()))
                    .as("not more often than is set")
                    .isGreaterThanOrEqualTo(EVERY);
        }
        assertThat(events).allSatisfy(event -> {
            assertThat(event.source()).hasToString("/m365/" + watches.portal.id + "/Main");
            assertThat(event.subject()).contains(done.path("container").asText());
        });
        microsoft.noFaults();
        watches.becomes(watch, "active");
        JsonPath ended = watches.get(watch);
        assertThat(ended.getBoolean("sync.done")).isTrue();
        assertThat(ended.getInt("sync.pages")).isEqualTo(13);
        assertThat(ended.getInt("sync.items")).isEqualTo(63);
        assertThat(ended.getString("sync.endedAt")).isNotNull();

        // Further rounds are none.
        Instant last = Instant.parse(ended.getString("lastRoundAt"));
        mail(folder, "one more", 1);
        watches.awaitChanges("mail-created.v1", 1);
        await().atMost(PATIENCE).until(() -> Instant.parse(watches.get(watch).getString("lastRoundAt"))
                .isAfter(last));
        assertThat(watches.portal.progress(watch)).hasSameSizeAs(events);
    }

    @Test
    void whoComesLaterHearsTheSameEnd() {
        String folder = folder("shared", 23);
        microsoft.fault(SLOW_PAGES);
        String first = post(folder);
        awaitPages(first, 2);

        // In the middle: it hears what follows. Afterwards: that it is over, at once.
        String meanwhile = post(folder);
        JsonNode done = awaitDone(first, "first");
        JsonNode sameDone = awaitDone(meanwhile, "first");
        String afterwards = post(folder);
        JsonNode lateDone = awaitDone(afterwards, "first");

        for (JsonNode other : List.of(sameDone, lateDone)) {
            for (String member : List.of("container", "sync", "begunAt", "pages", "items", "done")) {
                assertThat(other.path(member)).as(member).isEqualTo(done.path(member));
            }
        }
        for (String watch : List.of(first, meanwhile, afterwards)) {
            assertSound(watch);
            assertThat(done(watch, "first")).hasSize(1);
        }
        assertThat(progress(afterwards)).hasSize(1);
    }

    @Test
    void everythingIsComparedOnceMoreWhereGraphHasLostTheDeltaLink() {
        String folder = folder("lost", 23);
        String first = post(folder);
        String second = post(folder);
        JsonNode before = awaitDone(first, "first");
        awaitDone(second, "first");

        microsoft.fault(SLOW_PAGES);
        microsoft.forgetDeltaLinks();
        mail(folder, "meanwhile", 1);
        for (String watch : List.of(first, second)) {
            JsonNode done = awaitDone(watch, "full");
            assertThat(done.path("pages").asInt()).isEqualTo(5);
            assertThat(done.path("items").asLong()).isEqualTo(24);
            assertThat(Instant.parse(done.path("begunAt").asText()))
                    .isAfter(Instant.parse(before.path("begunAt").asText()));
            assertSound(watch);
            assertThat(done(watch, "full")).hasSize(1);
            assertThat(progress(watch))
                    .as("it was told before it was over")
                    .anyMatch(data -> data.path("sync").asText().equals("full")
                            && !data.path("done").asBoolean());
        }
        assertThat(watches.get(first).getString("sync.sync")).isEqualTo("full");
        watches.awaitChanges("mail-created.v1", 1);
    }

    @Test
    void firstSyncThatHasToBeginAnewCountsAnewAndEndsOnce() {
        String folder = folder("anew", 58);
        microsoft.fault(SLOW_PAGES);
        String watch = post(folder);
        awaitPages(watch, 3);

        microsoft.forgetDeltaLinks();
        JsonNode done = awaitDone(watch, "first");

        assertSound(watch);
        assertThat(done.path("pages").asInt()).isEqualTo(12);
        assertThat(done.path("items").asLong()).isEqualTo(58);
        assertThat(done(watch, "first")).hasSize(1);
        assertThat(Instant.parse(done.path("begunAt").asText()))
                .isAfter(Instant.parse(progress(watch).get(0).path("begunAt").asText()));
    }

    @Test
    void endIsToldAfterWhatTheSyncHasFound() {
        String folder = folder("order", 8);
        microsoft.proxyProblem("{'path':'delta','slug':'graph-unreachable','status':502}");
        String watch = post(folder);
        await("its container is found")
                .atMost(PATIENCE)
                .until(() -> watches.get(watch).getString("container") != null);
        mail(folder, "new", 3);
        microsoft.noProxyProblems();

        awaitDone(watch, "first");
        List<String> types = watches.portal.all(Topics.changes(watches.portal.id)).stream()
                .filter(event -> event.data().path("watch").asText().equals(watch))
                .map(event -> event.type() + (event.data().path("done").asBoolean() ? " done" : ""))
                .filter(type -> !type.equals("watch-progressed.v1"))
                .toList();
        assertThat(types)
                .startsWith("mail-created.v1", "mail-created.v1", "mail-created.v1")
                .endsWith("watch-progressed.v1 done");
    }

    @Test
    void partsOfAMailboxTellForTheWhole() {
        String folder = folder("part", 12);
        String watch = watches.watch("{'kind':'mailbox','resource':{},'portaluser':'CLARA'}");
        String mailbox = "users/" + Seed.CLARA_OID + "/mailFolders";

        JsonPath shown = watches.get(watch);
        int parts = shown.getInt("sync.parts.all");
        assertThat(parts).isGreaterThan(2);
        assertThat(shown.getInt("sync.items")).isEqualTo(parts);
        await().atMost(PATIENCE).until(() -> watches.get(watch).getInt("sync.parts.done") == parts);
        await().atMost(PATIENCE).until(() -> done(watch, "first").size() == parts + 1);
        assertThat(done(watch, "first"))
                .extracting(data -> data.path("container").asText())
                .doesNotHaveDuplicates()
                .contains(mailbox, mailbox + "/" + folder);

        // Another one's parts are there already.
        String second = watches.watch("{'kind':'mailbox','resource':{},'portaluser':'CLARA'}");
        await().atMost(PATIENCE).until(() -> done(second, "first").size() == parts + 1);
        assertThat(progress(second)).hasSize(parts + 1).allMatch(data -> data.path("done")
                .asBoolean());
    }

    @Test
    void windowOfACalendarMovesOnWithoutAWord() throws SQLException {
        String watch = watches.watch("{'kind':'calendar','resource':{},'portaluser':'CLARA'}");
        awaitDone(watch, "first");
        long scan = number("select max(scan) from container where portal = ?");
        await("the window has moved twice, and was read")
                .atMost(PATIENCE)
                .until(() -> number("select max(scan) from container where portal = ?") > scan + 2);
        assertThat(progress(watch)).allMatch(data -> data.path("sync").asText().equals("first"));
        assertThat(done(watch, "first")).hasSize(1);
    }

    @Test
    void whoeverGoesOnAfterAKillCountsOnAndTellsTheEndOnce() throws SQLException {
        // Given three folders that are read slowly; the process of the tests takes one at a time, the second what is
        // left
        Map<String, String> different = Map.of("m365.sync.round.lease", "3S", "m365.sync.round.workers", "4");
        SecondProcess second = SecondProcess.start(different);
        try {
            List<String> folders =
                    List.of(folder("killed one", 58), folder("killed two", 58), folder("killed three", 58));
            microsoft.fault(SLOW_PAGES);
            List<String> made = new ArrayList<>();
            folders.forEach(folder -> made.add(post(folder)));

            // When it is killed in the middle of what it reads
            await("the second process has read some pages")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> pagesOfAnother() >= 3);
            second.kill();

            // Then the first goes on where it was
            for (String watch : made) {
                JsonNode done = awaitDone(watch, "first");
                assertThat(done.path("pages").asInt()).isEqualTo(12);
                assertThat(done.path("items").asLong()).isEqualTo(58);
            }
            for (String watch : made) {
                assertSound(watch);
                assertThat(done(watch, "first")).hasSize(1);
                assertThat(progress(watch)).hasSizeGreaterThan(2);
                assertThat(progress(watch).stream().map(data -> data.path("begunAt")))
                        .as("it was the same sync all the time")
                        .containsOnly(progress(watch).get(0).path("begunAt"));
            }
        } finally {
            second.kill();
        }
    }

    /** Of a container that the other process has in hand; 0 where it has none. */
    private long pagesOfAnother() throws SQLException {
        String own = leases.newOwner();
        return number("select coalesce(max(sync_pages), 0) from container where portal = ? and sync_ended_at is null"
                + " and lease_expires_at > now() and lease_owner not like '" + own.substring(0, own.indexOf(':'))
                + ":%'");
    }

    private long number(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(query)) {
            statement.setString(1, watches.portal.id.value());
            try (var rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                return rows.getLong(1);
            }
        }
    }
}
