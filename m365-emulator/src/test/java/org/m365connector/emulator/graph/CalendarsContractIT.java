package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.graph.models.Calendar;
import com.microsoft.graph.models.DateTimeTimeZone;
import com.microsoft.graph.models.Event;
import com.microsoft.graph.models.EventType;
import com.microsoft.graph.models.PatternedRecurrence;
import com.microsoft.graph.models.RecurrencePattern;
import com.microsoft.graph.models.RecurrencePatternType;
import com.microsoft.graph.models.RecurrenceRange;
import com.microsoft.graph.models.RecurrenceRangeType;
import com.microsoft.graph.models.odataerrors.ODataError;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.calendars.item.CalendarItemRequestBuilder;
import com.microsoft.graph.users.item.calendars.item.calendarview.delta.DeltaGetResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;

/** Microsoft's own client with named calendars, series and their exceptions, and what somebody else has shared. */
class CalendarsContractIT {
    private static final String ALL_CHANGES = "created,updated,deleted";
    private static final Duration WEEK = Duration.ofDays(7);

    private static Emulator emulator;
    private static GraphClientOfTests plain;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        plain = new GraphClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
    }

    private static GraphServiceClient asApp() {
        return SdkOfTests.client(emulator, plain.appToken(Set.of("Calendars.ReadWrite")));
    }

    private static GraphServiceClient as(String upn, String... scopes) {
        return SdkOfTests.client(emulator, plain.tokenOf(upn, Set.of(scopes)));
    }

    private static JsonNode activity(String json) {
        return plain.activity(json.replace('\'', '"')).at("/items/0");
    }

    private static int status(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(ODataError.class, call).getResponseStatusCode();
    }

    private static String made(String name) {
        return activity("{'kind':'calendar','mailbox':'" + Seed.CLARA + "','name':'" + name + "'}")
                .path("id")
                .asText();
    }

    private static DateTimeTimeZone time(Instant time) {
        DateTimeTimeZone shown = new DateTimeTimeZone();
        shown.setDateTime(time.toString().replace("Z", ""));
        shown.setTimeZone("UTC");
        return shown;
    }

    private static Instant instant(DateTimeTimeZone time) {
        return Instant.parse(time.getDateTime() + "Z");
    }

    private static Event event(String subject, Instant start) {
        Event event = new Event();
        event.setSubject(subject);
        event.setStart(time(start));
        event.setEnd(time(start.plus(Duration.ofMinutes(30))));
        return event;
    }

    private static Event weekly(String subject, Instant start, int times) {
        RecurrencePattern pattern = new RecurrencePattern();
        pattern.setType(RecurrencePatternType.Weekly);
        pattern.setInterval(1);
        RecurrenceRange range = new RecurrenceRange();
        range.setType(RecurrenceRangeType.Numbered);
        range.setNumberOfOccurrences(times);
        PatternedRecurrence recurrence = new PatternedRecurrence();
        recurrence.setPattern(pattern);
        recurrence.setRange(range);
        Event event = event(subject, start);
        event.setRecurrence(recurrence);
        return event;
    }

    private static Instant tomorrow() {
        return Instant.now().truncatedTo(ChronoUnit.HOURS).plus(Duration.ofDays(1));
    }

    /** Four weeks from now. */
    private static DeltaGetResponse delta(CalendarItemRequestBuilder calendar) {
        return calendar.calendarView().delta().get(request -> {
            request.queryParameters.startDateTime = Instant.now().toString();
            request.queryParameters.endDateTime =
                    Instant.now().plus(WEEK.multipliedBy(4)).toString();
            request.headers.add("Prefer", "odata.maxpagesize=50");
        });
    }

    private static DeltaGetResponse next(CalendarItemRequestBuilder calendar, DeltaGetResponse before) {
        return calendar.calendarView()
                .delta()
                .withUrl(before.getOdataDeltaLink())
                .get(request -> request.headers.add("Prefer", "odata.maxpagesize=50"));
    }

    private static Event only(List<Event> events, EventType type) {
        List<Event> found =
                events.stream().filter(event -> event.getType() == type).toList();
        assertThat(found).as(type.getValue()).hasSize(1);
        return found.get(0);
    }

    private static List<Event> occurrencesOf(CalendarItemRequestBuilder calendar) {
        return calendar.calendarView()
                .get(request -> {
                    request.queryParameters.startDateTime = Instant.now().toString();
                    request.queryParameters.endDateTime =
                            Instant.now().plus(WEEK.multipliedBy(4)).toString();
                })
                .getValue();
    }

    @Test
    void calendarsAreListedAndEachIsReadFollowedAndSubscribedToByItself() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            GraphServiceClient graph = asApp();
            String holidays = made("Holidays");
            var calendars = graph.users().byUserId(Seed.CLARA).calendars();
            assertThat(calendars.get().getValue())
                    .extracting(Calendar::getName, Calendar::getIsDefaultCalendar)
                    .containsExactly(tuple("Calendar", true), tuple("Holidays", false));
            var calendar = calendars.byCalendarId(holidays);
            assertThat(calendar.get().getOwner().getAddress()).isEqualTo(Seed.CLARA);
            graph.subscriptions()
                    .post(SdkOfTests.wanted(
                            webhook, "/users/" + Seed.CLARA + "/calendars/" + holidays + "/events", ALL_CHANGES));
            DeltaGetResponse first = delta(calendar);
            assertThat(first.getValue()).isEmpty();

            String elsewhere = graph.users()
                    .byUserId(Seed.CLARA)
                    .events()
                    .post(event("in the standard one", tomorrow()))
                    .getId();
            String id = calendar.events().post(event("Christmas", tomorrow())).getId();

            assertThat(occurrencesOf(calendar)).extracting(Event::getId).containsExactly(id);
            assertThat(calendar.events().get().getValue())
                    .extracting(Event::getId)
                    .containsExactly(id);
            DeltaGetResponse second = next(calendar, first);
            assertThat(second.getValue()).extracting(Event::getId).containsExactly(id);
            assertThat(graph.users().byUserId(Seed.CLARA).events().get().getValue())
                    .as("of the standard one only")
                    .extracting(Event::getId)
                    .containsExactly(elsewhere);
            assertThat(graph.users()
                            .byUserId(Seed.CLARA)
                            .events()
                            .byEventId(id)
                            .get()
                            .getSubject())
                    .as("by its id in whichever calendar it is")
                    .isEqualTo("Christmas");

            activity("{'kind':'event','op':'move','mailbox':'" + Seed.CLARA + "','id':'" + elsewhere
                    + "','destination':'Holidays'}");
            assertThat(graph.users()
                            .byUserId(Seed.CLARA)
                            .events()
                            .byEventId(elsewhere)
                            .calendar()
                            .get()
                            .getName())
                    .isEqualTo("Holidays");
            calendar.events().byEventId(id).delete();
            DeltaGetResponse third = next(calendar, second);
            assertThat(third.getValue()).extracting(Event::getId).containsExactlyInAnyOrder(elsewhere, id);
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> webhook.items("/notifications").size() >= 3);
            assertThat(webhook.items("/notifications"))
                    .extracting(item -> item.path("changeType").asText() + " "
                            + item.at("/resourceData/id").asText())
                    .as("nothing of the standard one")
                    .containsExactlyInAnyOrder("created " + id, "created " + elsewhere, "deleted " + id);
        }
    }

    @Test
    void seriesIsOneItemWhoseExceptionsAreShownAndWhoseDeletedOccurrencesAreJustMissing() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            var calendar = asApp().users().byUserId(Seed.CLARA).calendars().byCalendarId(made("Work"));
            Event series = calendar.events().post(weekly("Stand-up", tomorrow(), 3));
            assertThat(series.getType()).isEqualTo(EventType.SeriesMaster);
            asApp().subscriptions()
                    .post(SdkOfTests.wanted(
                            webhook,
                            "/users/" + Seed.CLARA + "/calendars/"
                                    + calendar.get().getId() + "/events",
                            ALL_CHANGES));
            DeltaGetResponse first = delta(calendar);
            assertThat(first.getValue()).hasSize(4);
            Event thin = first.getValue().stream()
                    .filter(event -> event.getType() == EventType.Occurrence)
                    .findFirst()
                    .orElseThrow();
            assertThat(thin.getSeriesMasterId()).isEqualTo(series.getId());
            assertThat(thin.getSubject()).as("a delta says little of it").isNull();
            List<Event> listed = occurrencesOf(calendar);
            assertThat(listed).extracting(Event::getSubject).containsOnly("Stand-up");
            assertThat(calendar.events()
                            .byEventId(series.getId())
                            .instances()
                            .get(request -> {
                                request.queryParameters.startDateTime =
                                        Instant.now().toString();
                                request.queryParameters.endDateTime =
                                        Instant.now().plus(WEEK).toString();
                            })
                            .getValue())
                    .extracting(Event::getId)
                    .containsExactly(listed.get(0).getId());

            Event moved =
                    event("Stand-up, later", instant(listed.get(1).getStart()).plus(Duration.ofHours(2)));
            Event exception = calendar.events().byEventId(listed.get(1).getId()).patch(moved);
            assertThat(exception.getType()).isEqualTo(EventType.Exception);
            assertThat(exception.getId()).isEqualTo(listed.get(1).getId());
            calendar.events().byEventId(listed.get(2).getId()).delete();

            DeltaGetResponse second = next(calendar, first);
            assertThat(second.getValue())
                    .as("nothing is said of the one that is gone")
                    .extracting(Event::getId)
                    .containsExactlyInAnyOrder(
                            series.getId(), listed.get(0).getId(), listed.get(1).getId());
            Event shown = only(second.getValue(), EventType.Exception);
            assertThat(shown.getSubject()).isEqualTo("Stand-up, later");
            assertThat(shown.getOriginalStart().toInstant())
                    .isEqualTo(instant(listed.get(1).getStart()));
            assertThat(shown.getStart().getDateTime())
                    .startsWith(moved.getStart().getDateTime());
            assertThat(status(() ->
                            calendar.events().byEventId(listed.get(2).getId()).get()))
                    .isEqualTo(404);
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> webhook.items("/notifications").size() >= 2);
            assertThat(webhook.items("/notifications"))
                    .extracting(item -> item.path("changeType").asText() + " "
                            + item.at("/resourceData/id").asText())
                    .as("of a series only that it has changed")
                    .containsExactly("updated " + series.getId(), "updated " + series.getId());

            // Its exceptions do not outlive its times, and the ids of its occurrences are those of their days.
            Event anHourEarlier = event("Stand-up", tomorrow().minus(Duration.ofHours(1)));
            calendar.events().byEventId(series.getId()).patch(anHourEarlier);
            assertThat(occurrencesOf(calendar))
                    .extracting(Event::getId, Event::getType)
                    .containsExactlyElementsOf(listed.stream()
                            .map(event -> tuple(event.getId(), EventType.Occurrence))
                            .toList());

            calendar.events().byEventId(series.getId()).delete();
            DeltaGetResponse last = next(calendar, second);
            assertThat(last.getValue()).extracting(Event::getId).containsExactly(series.getId());
            assertThat(last.getValue().get(0).getAdditionalData()).containsKey("@removed");
        }
    }

    @Test
    void truthTellsWhatTheOccurrencesOfASeriesWentThrough() {
        String work = made("Work");
        JsonNode series = activity("{'kind':'event','mailbox':'" + Seed.CLARA + "','calendar':'" + work
                + "','subject':'Stand-up','change':{'recurrence':{'pattern':{'type':'weekly','interval':1},"
                + "'range':{'type':'numbered','numberOfOccurrences':2}}}}");
        String first = series.at("/occurrences/0").asText();
        String second = series.at("/occurrences/1").asText();
        String whichOne = "{'kind':'event','mailbox':'" + Seed.CLARA + "','id':'";
        activity(whichOne + first + "','op':'update','subject':'Only today'}");
        activity(whichOne + second + "','op':'delete'}");
        activity(whichOne + series.path("id").asText() + "','op':'delete'}");

        JsonNode versions = plain.truth("users/" + Seed.CLARA + "/calendars/" + work + "/events")
                .path("versions");
        assertThat(versions)
                .extracting(version -> version.path("occurrences").size())
                .containsExactly(2, 2, 1, 0);
        assertThat(versions.at("/1/occurrences"))
                .extracting(
                        one -> one.path("id").asText(), one -> one.path("type").asText(), one -> one.path("subject")
                                .asText())
                .containsExactly(tuple(first, "exception", "Only today"), tuple(second, "occurrence", "Stand-up"));
        assertThat(versions.at("/0/occurrences/0/start/dateTime").asText()).isNotEmpty();
        assertThat(versions.at("/2/occurrences/0/id").asText()).isEqualTo(first);
    }

    @Test
    void occurrencesThatAreGoneCanBeSaidToBeRemoved() {
        plain.control("POST", "/graph", "{\"delta\":{\"removedOccurrences\":true}}");
        var calendar = asApp().users().byUserId(Seed.CLARA).calendars().byCalendarId(made("Work"));
        Event series = calendar.events().post(weekly("Stand-up", tomorrow(), 2));
        List<Event> listed = occurrencesOf(calendar);
        DeltaGetResponse first = delta(calendar);

        calendar.events().byEventId(listed.get(1).getId()).delete();
        DeltaGetResponse second = next(calendar, first);
        assertThat(second.getValue())
                .filteredOn(event -> event.getAdditionalData().containsKey("@removed"))
                .extracting(Event::getId)
                .containsExactly(listed.get(1).getId());
        calendar.events().byEventId(series.getId()).delete();
        assertThat(next(calendar, second).getValue())
                .allMatch(event -> event.getAdditionalData().containsKey("@removed"))
                .extracting(Event::getId)
                .containsExactlyInAnyOrder(series.getId(), listed.get(0).getId());
    }

    @Test
    void sharedCalendarIsReadAndNeitherFollowedNorSubscribedTo() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            String work = made("Work");
            asApp().users()
                    .byUserId(Seed.CLARA)
                    .calendars()
                    .byCalendarId(work)
                    .events()
                    .post(event("Review", tomorrow()));
            String id = activity("{'kind':'calendar','op':'share','mailbox':'" + Seed.CLARA
                            + "','calendar':'Work','user':'" + Seed.BEN + "'}")
                    .path("id")
                    .asText();
            GraphServiceClient ben = as(Seed.BEN, "User.Read", "Calendars.Read", "Calendars.Read.Shared");
            assertThat(ben.me().calendars().get().getValue())
                    .extracting(Calendar::getId)
                    .contains(id)
                    .doesNotContain(work);
            var shared = ben.users().byUserId(Seed.BEN_OID).calendars().byCalendarId(id);
            assertThat(shared.get().getOwner().getAddress()).isEqualTo(Seed.CLARA);
            assertThat(shared.get().getCanShare()).isFalse();
            assertThat(occurrencesOf(shared)).extracting(Event::getSubject).containsExactly("Review");
            var atItsOwner = ben.users().byUserId(Seed.CLARA).calendars().byCalendarId(work);
            assertThat(occurrencesOf(atItsOwner)).hasSize(1);

            assertThat(status(() -> delta(shared))).isEqualTo(403);
            assertThat(status(() -> delta(atItsOwner))).isEqualTo(403);
            assertThat(status(() -> ben.subscriptions()
                            .post(SdkOfTests.wanted(
                                    webhook, "/users/" + Seed.BEN + "/calendars/" + id + "/events", ALL_CHANGES))))
                    .isEqualTo(403);
            assertThat(status(() -> occurrencesOf(as(Seed.BEN, "Calendars.Read")
                            .users()
                            .byUserId(Seed.BEN_OID)
                            .calendars()
                            .byCalendarId(id))))
                    .as("without the permission for what is shared")
                    .isEqualTo(403);
            assertThat(status(() -> ben.users()
                            .byUserId(Seed.ADA)
                            .calendars()
                            .byCalendarId(work)
                            .get()))
                    .isEqualTo(403);
        }
    }

    @Test
    void calendarIsDeletedWithWhatIsInItAndTheStandardOneStays() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            String work = made("Work");
            GraphServiceClient graph = asApp();
            var mailbox = graph.users().byUserId(Seed.CLARA);
            var calendar = mailbox.calendars().byCalendarId(work);
            Event made = calendar.events().post(event("Review", tomorrow()));
            DeltaGetResponse first = delta(calendar);
            String shared = activity("{'kind':'calendar','op':'share','mailbox':'" + Seed.CLARA
                            + "','calendar':'Work','user':'" + Seed.BEN + "'}")
                    .path("id")
                    .asText();
            graph.subscriptions()
                    .post(SdkOfTests.wanted(
                            webhook, "/users/" + Seed.CLARA + "/calendars/" + work + "/events", ALL_CHANGES));

            assertThat(status(() -> as(Seed.CLARA, "Calendars.Read")
                            .me()
                            .calendars()
                            .byCalendarId(work)
                            .delete()))
                    .isEqualTo(403);
            calendar.delete();

            for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
                    List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                            calendar::get, calendar::delete, () -> next(calendar, first))) {
                ODataError refused = catchThrowableOfType(ODataError.class, call);
                assertThat(refused.getResponseStatusCode()).isEqualTo(404);
                assertThat(refused.getError().getCode()).isEqualTo("ErrorItemNotFound");
            }
            assertThat(status(() -> mailbox.events().byEventId(made.getId()).get()))
                    .isEqualTo(404);
            assertThat(as(Seed.BEN, "User.Read", "Calendars.Read", "Calendars.Read.Shared")
                            .me()
                            .calendars()
                            .get()
                            .getValue())
                    .extracting(Calendar::getId)
                    .doesNotContain(shared);
            await().atMost(Duration.ofSeconds(60)).until(() -> webhook.items("/notifications").stream()
                    .anyMatch(item -> item.path("changeType").asText().equals("deleted")));
            String standard = mailbox.calendar().get().getId();
            assertThat(status(() -> mailbox.calendars().byCalendarId(standard).delete()))
                    .isEqualTo(400);
        }
    }
}
