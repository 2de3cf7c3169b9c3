package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Event;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** Calendars that a watch names; what holds for every calendar is ContainersIT's. The window stands still, and pages are small, as in SeriesIT. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.sync.round.calendar-slide", value = "1D"),
            @ResourceArg(name = "m365.sync.round.page-size", value = "2")
        })
class NamedCalendarsIT {
    private final Microsoft microsoft = new Microsoft();
    private WatchesOfTests watches;
    private String name;
    private String calendar;
    private Instant today;

    @BeforeEach
    void onboard() {
        today = Instant.now().truncatedTo(ChronoUnit.DAYS);
        microsoft.calm();
        watches = new WatchesOfTests();
        name = "Projects " + watches.portal.id;
        calendar = microsoft
                .activity("{'kind':'calendar','mailbox':'" + Seed.CLARA + "','name':'" + name + "'}")
                .at("/ids/0")
                .asText();
    }

    @AfterEach
    void leave() {
        microsoft.calm();
        watches.close();
    }

    private static String watchOf(String calendar, String who) {
        return "{'kind':'calendar','resource':{'calendar':'" + calendar + "'}," + who + "}";
    }

    private String event(String op, String more) {
        return microsoft
                .activity("{'kind':'event','op':'" + op + "','mailbox':'" + Seed.CLARA + "'," + more + "}")
                .at("/items/0/id")
                .asText();
    }

    private String container() {
        return "users/" + Seed.CLARA_OID + "/calendars/" + calendar + "/events";
    }

    private String standardCalendar() {
        for (JsonNode one : microsoft
                .graph("GET", "/users/" + Seed.CLARA + "/calendars", "")
                .path("value")) {
            if (one.path("isDefaultCalendar").asBoolean()) {
                return one.path("id").asText();
            }
        }
        throw new AssertionError("everybody has one");
    }

    /** The id under which Ben finds it. */
    private String sharedWithBen() {
        return microsoft
                .activity("{'kind':'calendar','op':'share','mailbox':'" + Seed.CLARA + "','calendar':'" + name
                        + "','user':'" + Seed.BEN + "'}")
                .at("/ids/0")
                .asText();
    }

    @Test
    void oneIsWatchedByItselfAndHeardOfByNotifications() {
        String watch = watches.watch(watchOf(calendar, "'portaluser':'CLARA'"));
        assertThat(watches.get(watch).getString("container")).isEqualTo(container());
        assertThat(watches.get(watch).getString("updates.mode")).isEqualTo("notifications");
        assertThat(microsoft.subscriptions())
                .extracting(subscription -> subscription.path("resource").asText())
                .anyMatch(resource -> resource.endsWith(container()));

        String elsewhere = event("create", "'subject':'in the standard one'");
        String id = event("create", "'subject':'Kick-off','calendar':'" + name + "'");
        Event<JsonNode> created = watches.awaitChanges("event-created.v1", 1).get(0);
        assertThat(created.data().at("/resource/id").asText()).isEqualTo(id);
        assertThat(created.data().path("container").asText()).isEqualTo(container());
        assertThat(created.subject()).contains(container() + "/" + id);
        event("update", "'id':'" + id + "','change':{'subject':'Kick-off, at last'}");
        watches.awaitChanges("event-updated.v1", 1);

        // Into it and out of it: Graph finds both by their ids, wherever they are.
        event("move", "'id':'" + elsewhere + "','destination':'" + name + "'");
        watches.awaitChange(
                "event-created.v1",
                change -> change.data().at("/resource/id").asText().equals(elsewhere));
        event("move", "'id':'" + id + "','destination':'Calendar'");
        assertThat(watches.awaitChanges("event-deleted.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/id")
                        .asText())
                .isEqualTo(id);
        event("delete", "'id':'" + elsewhere + "'");
        watches.awaitChanges("event-deleted.v1", 2);
    }

    @Test
    void seriesThatGoesToAnotherCalendarIsGoneWithItsOccurrences() {
        watches.watch(watchOf(calendar, "'portaluser':'CLARA'"));
        String series = weekly(0);
        watches.awaitChanges("event-created.v1", 4);
        event("move", "'id':'" + series + "','destination':'Calendar'");
        watches.awaitChanges("event-deleted.v1", 4);

        event("move", "'id':'" + series + "','destination':'" + name + "'");
        watches.awaitChanges("event-created.v1", 8);
        microsoft.forgetDeltaLinks();
        event("move", "'id':'" + series + "','destination':'Calendar'");
        watches.awaitChanges("event-deleted.v1", 8);
        assertThat(told()).isEmpty();
    }

    private String toldOf(String subject) {
        String id = event("create", "'subject':'" + subject + "','calendar':'" + name + "'");
        watches.awaitChanges("event-created.v1", 1);
        return id;
    }

    private void isToldAsGone(String id) {
        assertThat(watches.awaitChanges("event-deleted.v1", 1)
                        .get(0)
                        .data()
                        .at("/resource/id")
                        .asText())
                .isEqualTo(id);
    }

    @Test
    void whatGoesToAnotherCalendarIsGoneThoughAtFirstThatCannotBeAsked() {
        watches.watch(watchOf(calendar, "'portaluser':'CLARA'"));
        String id = toldOf("Kick-off");
        microsoft.proxyProblem("{'path':'" + encode(id) + "/calendar','slug':'login-required','status':409,'times':1}");

        event("move", "'id':'" + id + "','destination':'Calendar'");

        isToldAsGone(id);
    }

    @Test
    void whatGoesToAnotherCalendarAndOutOfTheWindowAtOnceIsGone() {
        watches.watch(watchOf(calendar, "'portaluser':'CLARA'"));
        String id = toldOf("Kick-off");
        microsoft.proxyProblem("{'path':'calendarView','slug':'graph-unreachable','status':502}");
        event("update", "'id':'" + id + "','change':{" + times(noonIn(200)) + "}");
        event("move", "'id':'" + id + "','destination':'Calendar'");
        microsoft.noProxyProblems();

        isToldAsGone(id);
        assertThat(watches.changesOf("event-updated.v1")).isEmpty();
    }

    @Test
    void standardOneIsTheSameHoweverItIsNamed() {
        String named = watches.watch(watchOf(standardCalendar(), "'portaluser':'CLARA'"));
        String byDefault = watches.watch("{'kind':'calendar','resource':{},'portaluser':'CLARA'}");
        assertThat(watches.get(named).getString("container"))
                .isEqualTo("users/" + Seed.CLARA_OID + "/events")
                .isEqualTo(watches.get(byDefault).getString("container"));

        event("create", "'subject':'once'");
        watches.awaitChanges("event-created.v1", 1);
    }

    @Test
    void sharedOneIsRefusedWithAReasonAndWatchedWhereItLiesByTheApp() {
        String received = sharedWithBen();
        String watch = watches.post(watchOf(received, "'portaluser':'BEN'"));
        watches.becomes(watch, "refused");
        assertThat(watches.get(watch).getString("problem")).isEqualTo("calendar-not-own");
        String atItsOwner = watches.post("{'kind':'calendar','resource':{'user':'" + Seed.CLARA + "','calendar':'"
                + calendar + "'},'portaluser':'BEN'}");
        watches.becomes(atItsOwner, "refused");
        assertThat(watches.get(atItsOwner).getString("problem"))
                .as("Ben may read it, and Graph does not let him follow it")
                .startsWith("graph-refused 403");
        String throughBen = watches.post("{'kind':'calendar','resource':{'user':'" + Seed.BEN + "','calendar':'"
                + received + "'},'portaluser':'BEN','account':'service'}");
        watches.becomes(throughBen, "refused");

        watches.watch("{'kind':'calendar','resource':{'user':'" + Seed.CLARA + "','calendar':'" + calendar
                + "'},'portaluser':'BEN','account':'service'}");
        event("create", "'subject':'Kick-off','calendar':'" + name + "'");
        assertThat(watches.awaitChanges("event-created.v1", 1)
                        .get(0)
                        .data()
                        .path("container")
                        .asText())
                .isEqualTo(container());
    }

    @Test
    void whatIsNotOnesOwnOrNotThereIsRefused() {
        String foreign = watches.post("{'kind':'calendar','resource':{'user':'" + Seed.CLARA + "','calendar':'"
                + calendar + "'},'portaluser':'ADA'}");
        String unknown = watches.post(watchOf("AAMkAGnothing=", "'portaluser':'CLARA'"));
        watches.becomes(foreign, "refused");
        watches.becomes(unknown, "refused");
        assertThat(watches.get(unknown).getString("problem")).isEqualTo("graph-refused 404 ErrorItemNotFound");

        watches.request()
                .body(watchOf(calendar, "'portaluser':'CLARA','account':'service'")
                        .replace('\'', '"'))
                .post(watches.path())
                .then()
                .statusCode(422)
                .header("X-M365-Problem", "app-only-not-supported");
        for (String bad : List.of(
                watchOf("x", "'portaluser':'CLARA'").replace("'calendar',", "'contacts',"),
                watchOf(calendar, "'portaluser':'CLARA','content':true"),
                "{'kind':'contacts','resource':{},'portaluser':'CLARA','content':true}",
                "{'kind':'drive','resource':{},'portaluser':'CLARA','content':true}",
                watchOf(" ", "'portaluser':'CLARA'"))) {
            watches.request()
                    .body(bad.replace('\'', '"'))
                    .post(watches.path())
                    .then()
                    .statusCode(422)
                    .header("X-M365-Problem", "invalid-watch");
        }
    }

    @Test
    void calendarWithSeriesIsTrueInTheEndWhateverNotificationsAreLost() {
        watches.watch(watchOf(calendar, "'portaluser':'CLARA'"));
        microsoft.notifications("{'drop':true,'duplicate':true,'reorder':true,'probability':0.3}");

        Random random = new Random(23);
        List<String> series = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            if (i < 4) {
                series.add(weekly(i));
            } else {
                step(random, i, series);
            }
        }

        await("changes add up to what Graph lists")
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> assertThat(told()).isEqualTo(listed()));
        assertThat(watches.portal.changes()).extracting(Event::id).doesNotHaveDuplicates();
    }

    private void step(Random random, int i, List<String> series) {
        String one = series.get(random.nextInt(series.size()));
        List<JsonNode> occurrences = instances(one);
        String occurrence =
                occurrences.get(random.nextInt(occurrences.size())).path("id").asText();
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> event("update", "'id':'" + occurrence + "','change':{'subject':'exception " + i + "'}");
            case 3 -> {
                if (occurrences.size() > 1) {
                    event("delete", "'id':'" + occurrence + "'");
                }
            }
            case 4 ->
                event(
                        "update",
                        "'id':'" + occurrence + "','change':{"
                                + times(noonIn(2 + random.nextInt(10)).plusSeconds(i)) + "}");
            case 5 -> event("update", "'id':'" + one + "','change':{'subject':'series " + i + "'}");
            case 6 ->
                event(
                        "update",
                        "'id':'" + one + "','change':{" + times(noonIn(1).minusSeconds(60L * i)) + "}");
            default -> {
                if (series.size() > 2) {
                    event("delete", "'id':'" + one + "'");
                    series.remove(one);
                } else {
                    series.add(weekly(i));
                }
            }
        }
    }

    private String weekly(int i) {
        return event(
                "create",
                "'subject':'series " + i + "','calendar':'" + name + "','change':{"
                        + times(noonIn(1).plusSeconds(i))
                        + ",'recurrence':{'pattern':{'type':'weekly','interval':1},'range':{'type':'numbered','numberOfOccurrences':3}}}");
    }

    private Instant noonIn(int days) {
        return today.plus(Duration.ofDays(days)).plus(Duration.ofHours(12));
    }

    private static String times(Instant start) {
        return "'start':{'dateTime':'" + start.toString().replace("Z", "") + "','timeZone':'UTC'},'end':{'dateTime':'"
                + start.plus(Duration.ofMinutes(30)).toString().replace("Z", "") + "','timeZone':'UTC'}";
    }

    private List<JsonNode> instances(String series) {
        List<JsonNode> found = new ArrayList<>();
        microsoft
                .graph("GET", "/users/" + Seed.CLARA + "/events/" + encode(series) + "/instances" + window(), "")
                .path("value")
                .forEach(found::add);
        return found;
    }

    private static String window() {
        return "?startDateTime=" + Instant.now().minus(Duration.ofDays(1)) + "&endDateTime="
                + Instant.now().plus(Duration.ofDays(19)) + "&$top=1000";
    }

    /** What is in the calendar: of everything what it is about and when, series beside their occurrences. */
    private Map<String, String> listed() {
        String there = "/users/" + Seed.CLARA + "/calendars/" + encode(calendar);
        Map<String, String> found = new TreeMap<>();
        microsoft
                .graph("GET", there + "/calendarView" + window(), "")
                .path("value")
                .forEach(event -> put(found, event));
        microsoft.graph("GET", there + "/events?$top=1000", "").path("value").forEach(event -> put(found, event));
        return found;
    }

    private Map<String, String> told() {
        Map<String, String> state = new TreeMap<>();
        for (Event<JsonNode> change : watches.portal.changes()) {
            JsonNode resource = change.data().path("resource");
            if (change.type().equals("event-deleted.v1")) {
                state.remove(resource.path("id").asText());
            } else {
                put(state, resource);
            }
        }
        return state;
    }

    private static void put(Map<String, String> state, JsonNode event) {
        state.put(
                event.path("id").asText(),
                event.path("type").asText() + " " + event.path("subject").asText() + " "
                        + event.at("/start/dateTime").asText() + " "
                        + event.at("/end/dateTime").asText());
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
