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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
import org.m365connector.sync.SecondProcess;
import org.m365connector.sync.work.Leases;

/**
 * Series in a watched calendar. Graph tells of all that happens to one only that the series has changed, shows all of it again, and
 * says nothing of an occurrence that is gone. The window stands still here, since a full look finds everything,
 * and pages are small, so that no series fits on one.
 */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.round.calendar-slide", value = "1D"),
            @ResourceArg(name = "m365.sync.round.page-size", value = "2"),
            @ResourceArg(name = "m365.sync.round.workers", value = "1")
        })
class SeriesIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Inject
    DataSource database;

    @Inject
    Leases leases;

    private final Microsoft microsoft = new Microsoft();
    private WatchesOfTests watches;
    private Instant today;

    @BeforeEach
    void onboard() {
        // Once for all, lest midnight passes between two looks.
        today = Instant.now().truncatedTo(ChronoUnit.DAYS);
        microsoft.calm();
        watches = new WatchesOfTests();
        watches.watch("{'kind':'calendar','resource':{},'portaluser':'CLARA'}");
    }

    @AfterEach
    void leave() {
        microsoft.calm();
        watches.close();
    }

    private String event(String op, String more) {
        return microsoft
                .activity("{'kind':'event','op':'" + op + "','mailbox':'" + Seed.CLARA + "'," + more + "}")
                .at("/items/0/id")
                .asText();
    }

    /** Half an hour, then. */
    private static String times(Instant start) {
        return "'start':{'dateTime':'" + start.toString().replace("Z", "") + "','timeZone':'UTC'},'end':{'dateTime':'"
                + start.plus(Duration.ofMinutes(30)).toString().replace("Z", "") + "','timeZone':'UTC'}";
    }

    /** At noon, so that nothing falls on another day when it is moved by hours. */
    private Instant noonIn(Duration time) {
        return today.plus(time).plus(Duration.ofHours(12));
    }

    private String weekly(Instant start, String range) {
        return event(
                "create",
                "'subject':'Stand-up','change':{" + times(start)
                        + ",'recurrence':{'pattern':{'type':'weekly','interval':1},'range':" + range + "}}");
    }

    private static String times(int number) {
        return "{'type':'numbered','numberOfOccurrences':" + number + "}";
    }

    /** A series of three weeks from tomorrow on, which the portal has heard of: the ids of its occurrences. */
    private List<String> toldOf(String series) {
        List<Event<JsonNode>> created = watches.awaitChanges("event-created.v1", 4);
        return created.stream()
                .map(change -> change.data().path("resource"))
                .filter(resource -> resource.path("seriesMasterId").asText().equals(series))
                .map(resource -> resource.path("id").asText())
                .sorted()
                .toList();
    }

    private List<String> occurrencesOf(String series) {
        return watches.changesOf("event-created.v1").stream()
                .map(change -> change.data().path("resource"))
                .filter(resource -> resource.path("seriesMasterId").asText().equals(series))
                .sorted(Comparator.comparing(
                        resource -> resource.at("/start/dateTime").asText()))
                .map(resource -> resource.path("id").asText())
                .toList();
    }

    private Set<String> idsOf(String type) {
        return watches.changesOf(type).stream()
                .map(change -> change.data().at("/resource/id").asText())
                .collect(Collectors.toSet());
    }

    private Event<JsonNode> updateOf(String id) {
        return watches.awaitChange(
                "event-updated.v1",
                change -> change.data().at("/resource/id").asText().equals(id));
    }

    private void oneIsEditedAndOneDeleted() {
        String series = weekly(noonIn(Duration.ofDays(1)), times(3));
        List<String> occurrences = toldOf(series);
        assertThat(occurrences).hasSize(3);
        String edited = occurrences.get(1);
        String deleted = occurrences.get(2);

        event(
                "update",
                "'id':'" + edited + "','change':{'subject':'Stand-up, later',"
                        + times(noonIn(Duration.ofDays(8)).plus(Duration.ofHours(2))) + "}");
        JsonNode exception = updateOf(edited).data();
        event("delete", "'id':'" + deleted + "'");
        assertThat(watches.awaitChanges("event-deleted.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/id")
                        .asText())
                .isEqualTo(deleted);
        assertThat(exception.at("/resource/type").asText()).isEqualTo("exception");
        assertThat(exception.at("/resource/subject").asText()).isEqualTo("Stand-up, later");
        assertThat(exception.path("changed")).extracting(JsonNode::asText).containsExactly("end", "start", "subject");
        assertThat(idsOf("event-updated.v1"))
                .as("nothing has happened to the first one")
                .containsExactlyInAnyOrder(series, edited);
        assertThat(watches.changesOf("event-created.v1")).hasSize(4);
    }

    @Test
    void occurrencesAreToldWithWhatTheyShareWithTheirSeries() {
        String series = weekly(noonIn(Duration.ofDays(1)), times(3));
        assertThat(toldOf(series)).hasSize(3);
        assertThat(watches.changesOf("event-created.v1"))
                .extracting(change -> change.data().at("/resource/subject").asText())
                .containsOnly("Stand-up");
    }

    @Test
    void exceptionAndDeletedOccurrenceAreTold() {
        oneIsEditedAndOneDeleted();
    }

    @Test
    void exceptionAndDeletedOccurrenceAreFoundWhereEveryNotificationIsLost() {
        microsoft.notifications("{'drop':true}");
        oneIsEditedAndOneDeleted();
    }

    @Test
    void exceptionAndDeletedOccurrenceAreFoundThoughRoundsBreakOffBetweenTheirPages() {
        microsoft.proxyProblem("{'path':'skiptoken','slug':'graph-unreachable','status':502,'times':3}");
        oneIsEditedAndOneDeleted();
    }

    @Test
    void deletedOccurrenceThatAnEarlierPageHasMadeDoubtfulIsFoundByWhoeverGoesOn() {
        String first = weekly(noonIn(Duration.ofDays(1)), times(3));
        String second = weekly(noonIn(Duration.ofDays(2)), times(3));
        watches.awaitChanges("event-created.v1", 8);
        String gone = occurrencesOf(first).get(2);
        microsoft.proxyProblem("{'path':'calendarView','slug':'graph-unreachable','status':502}");
        event("delete", "'id':'" + gone + "'");
        event("update", "'id':'" + second + "','change':{'subject':'Stand-up, last'}");

        // The first series' two occurrences and itself are on the first two pages, the rest is the second one's.
        microsoft.proxyProblem("{'path':'skiptoken','slug':'graph-unreachable','status':502,'after':2,'times':3}");
        microsoft.noProxyProblems("calendarView");

        for (String updated : occurrencesOf(second)) {
            updateOf(updated);
        }
        assertThat(watches.awaitChanges("event-deleted.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/id")
                        .asText())
                .isEqualTo(gone);
    }

    @Test
    void whatWasAskedForIsNotAskedForAgainWhereARoundBreaksOff() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(event(
                    "create",
                    "'subject':'Daily','change':{"
                            + times(noonIn(Duration.ofDays(1)).plusSeconds(60L * i))
                            + ",'recurrence':{'pattern':{'type':'daily','interval':1},'range':" + times(17) + "}}"));
        }
        watches.awaitChanges("event-created.v1", 4 * 18);
        microsoft.proxyProblem("{'path':'calendarView','slug':'graph-unreachable','status':502}");
        for (String series : all) {
            event(
                    "update",
                    "'id':'" + series + "','change':{'recurrence':{'pattern':{'type':'daily','interval':1},'range':"
                            + times(1) + "}}");
        }
        Instant begin = Instant.now();
        microsoft.proxyProblem("{'path':'/events/','slug':'graph-unreachable','status':502,'after':58,'times':2}");
        microsoft.noProxyProblems("calendarView");

        watches.awaitChanges("event-deleted.v1", 4 * 16);
        assertThat(microsoft.requestsSince(begin))
                .filteredOn(request -> request.startsWith("GET ") && request.contains("/events/"))
                .as("what had been answered is kept, up to a slice")
                .hasSizeLessThan(100);
    }

    @Test
    void whoeverGoesOnAfterAKillBetweenThePagesOfASeriesLosesNothingAndTellsNothingTwice() throws SQLException {
        // Given three calendars with a series of five pages each; the process of the tests takes one at a time, the
        // second what is left
        List<String> calendars = List.of("", calendar("one"), calendar("two"));
        List<String> all = new ArrayList<>();
        for (String calendar : calendars) {
            all.add(event(
                    "create",
                    calendar + "'subject':'Daily','change':{" + times(noonIn(Duration.ofDays(1)))
                            + ",'recurrence':{'pattern':{'type':'daily','interval':1},'range':" + times(9) + "}}"));
        }
        watches.awaitChanges("event-created.v1", 3 * 10);
        Map<String, String> different = Map.of("m365.sync.round.lease", "3S", "m365.sync.round.workers", "4");
        SecondProcess second = SecondProcess.start(different);
        List<String> edited = new ArrayList<>();
        List<String> deleted = new ArrayList<>();
        try {
            microsoft.proxyProblem("{'path':'calendarView','slug':'graph-unreachable','status':502}");
            for (String series : all) {
                List<String> occurrences = occurrencesOf(series);
                edited.add(occurrences.get(1));
                deleted.add(occurrences.get(2));
                event("update", "'id':'" + occurrences.get(1) + "','change':{'subject':'Only this one'}");
                event("delete", "'id':'" + occurrences.get(2) + "'");
                event("update", "'id':'" + series + "','change':{'subject':'Daily scrum'}");
            }
            microsoft.fault("{'match':{'method':'GET','path':'calendarView'},'delayMs':1500}");
            microsoft.noProxyProblems("calendarView");

            // When it is killed between two pages
            await("the second process has read a page, and not the last one")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> halfReadByAnother() > 0);
            second.kill();
            microsoft.noFaults();

            // Then what the first pages have shown is told once, and what they have not shown is missed
            watches.awaitChanges("event-deleted.v1", 3);
            assertThat(idsOf("event-deleted.v1")).containsExactlyInAnyOrderElementsOf(deleted);
            watches.awaitChanges("event-updated.v1", 3 * 9);
            assertThat(watches.changesOf("event-updated.v1"))
                    .filteredOn(change ->
                            edited.contains(change.data().at("/resource/id").asText()))
                    .extracting(change -> change.data().at("/resource/subject").asText())
                    .containsExactly("Only this one", "Only this one", "Only this one");
            assertThat(idsOf("event-updated.v1")).hasSize(3 * 9).containsAll(all);
            assertThat(watches.portal.changes()).hasSize(3 * (10 + 9 + 1));
            assertThat(watches.portal.changes()).extracting(Event::id).doesNotHaveDuplicates();
        } finally {
            second.kill();
        }
    }

    /** A new one of Clara's, and watched; as events in it name it. */
    private String calendar(String name) {
        String id = microsoft
                .activity("{'kind':'calendar','mailbox':'" + Seed.CLARA + "','name':'" + name + " " + watches.portal.id
                        + "'}")
                .at("/items/0/id")
                .asText();
        watches.watch("{'kind':'calendar','resource':{'calendar':'" + id + "'},'portaluser':'CLARA'}");
        return "'calendar':'" + id + "',";
    }

    /** Containers of which the other process has read some pages, and is reading the next. */
    private long halfReadByAnother() throws SQLException {
        String own = leases.newOwner();
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement("select count(*) from container where portal = ?"
                        + " and page_link is not null and lease_expires_at > now() and lease_owner not like ?")) {
            statement.setString(1, watches.portal.id.value());
            statement.setString(2, own.substring(0, own.indexOf(':')) + ":%");
            try (var rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    @Test
    void exceptionAndDeletedOccurrenceAreToldWhereGraphNamesWhatIsGone() {
        microsoft.switches("{'delta':{'removedOccurrences':true}}");
        oneIsEditedAndOneDeleted();
    }

    @Test
    void editedSeriesIsToldWithAllItsOccurrencesThatItChanges() {
        String series = weekly(noonIn(Duration.ofDays(1)), times(3));
        List<String> occurrences = toldOf(series);
        event("update", "'id':'" + occurrences.get(1) + "','change':{'subject':'Only this one'}");
        updateOf(occurrences.get(1));

        event("update", "'id':'" + series + "','change':{'subject':'Daily scrum'}");
        for (String id : List.of(occurrences.get(0), occurrences.get(2))) {
            JsonNode updated = updateOf(id).data();
            assertThat(updated.at("/resource/subject").asText()).isEqualTo("Daily scrum");
            assertThat(updated.path("changed")).extracting(JsonNode::asText).containsExactly("subject");
        }
        assertThat(watches.changesOf("event-updated.v1"))
                .filteredOn(change -> change.data().at("/resource/id").asText().equals(occurrences.get(1)))
                .as("what has a subject of its own keeps it")
                .hasSize(1);

        event(
                "update",
                "'id':'" + series + "','change':{"
                        + times(noonIn(Duration.ofDays(1)).minus(Duration.ofHours(1))) + "}");
        for (String id : occurrences) {
            watches.awaitChange(
                    "event-updated.v1",
                    change -> change.data().at("/resource/id").asText().equals(id)
                            && change.data()
                                    .at("/resource/start/dateTime")
                                    .asText()
                                    .contains("T11:"));
        }

        event(
                "update",
                "'id':'" + series + "','change':{'recurrence':{'pattern':{'type':'weekly','interval':1},'range':"
                        + times(1) + "}}");
        watches.awaitChanges("event-deleted.v1", 2);
        assertThat(idsOf("event-deleted.v1")).containsExactlyInAnyOrder(occurrences.get(1), occurrences.get(2));
    }

    @Test
    void onlyOccurrenceInTheWindowThatIsDeletedIsTold() {
        String series = event(
                "create",
                "'subject':'Review','change':{" + times(noonIn(Duration.ofDays(1)))
                        + ",'recurrence':{'pattern':{'type':'weekly','interval':5},'range':" + times(3) + "}}");
        String occurrence = watches.awaitChanges("event-created.v1", 2).stream()
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
                .as("the series goes on outside of the window")
                .isEqualTo(occurrence);
    }

    private void wholeSeriesIsDeleted() {
        String series = weekly(noonIn(Duration.ofDays(1)), times(3));
        List<String> occurrences = toldOf(series);

        event("delete", "'id':'" + series + "'");

        watches.awaitChanges("event-deleted.v1", 4);
        assertThat(idsOf("event-deleted.v1")).contains(series).containsAll(occurrences);
    }

    @Test
    void deletedSeriesTakesItsOccurrencesAlong() {
        wholeSeriesIsDeleted();
    }

    @Test
    void deletedSeriesTakesItsOccurrencesAlongWhereGraphNamesThem() {
        microsoft.switches("{'delta':{'removedOccurrences':true}}");
        wholeSeriesIsDeleted();
    }

    @Test
    void occurrenceThatIsMovedOutOfTheWindowIsUpdatedAndNotDeleted() {
        String series = weekly(noonIn(Duration.ofDays(1)), times(3));
        String moved = toldOf(series).get(2);

        event("update", "'id':'" + moved + "','change':{" + times(noonIn(Duration.ofDays(200))) + "}");
        assertThat(updateOf(moved).data().path("changed"))
                .extracting(JsonNode::asText)
                .containsExactly("end", "start");

        // A full look, and a round after it, do not miss it.
        microsoft.forgetDeltaLinks();
        event("update", "'id':'" + series + "','change':{'subject':'Stand-up, early'}");
        watches.awaitChange(
                "event-updated.v1",
                change -> change.data().at("/resource/subject").asText().equals("Stand-up, early"));
        String other =
                event("create", "'subject':'Something else','change':{" + times(noonIn(Duration.ofDays(3))) + "}");
        watches.awaitChange(
                "event-created.v1",
                change -> change.data().at("/resource/id").asText().equals(other));
        assertThat(watches.changesOf("event-deleted.v1")).isEmpty();
        assertThat(watches.changesOf("event-created.v1")).hasSize(5);

        event("delete", "'id':'" + series + "'");
        watches.awaitChange(
                "event-deleted.v1",
                change -> change.data().at("/resource/id").asText().equals(series));
    }
}
