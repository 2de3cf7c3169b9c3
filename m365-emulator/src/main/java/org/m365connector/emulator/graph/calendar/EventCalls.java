package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Properties;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;

/** Events of the standard calendar or of one that is named; a single event is found by its id in whichever calendar it is. */
final class EventCalls {

    private static final String STANDARD = "/users/{id}";
    private static final String NAMED = "/users/{id}/calendars/{id}";

    private final Calendars calendars;
    private final DeltaRounds deltas;
    private final Switches switches;

    EventCalls(Calendars calendars, DeltaRounds deltas, Switches switches) {
        this.calendars = calendars;
        this.deltas = deltas;
        this.switches = switches;
    }

    void addTo(RouteTable routes) {
        for (String place : List.of(STANDARD, NAMED)) {
            add(routes, "GET", place + "/events", this::list);
            add(routes, "POST", place + "/events", this::post);
            add(routes, "GET", place + "/events/{id}", this::get);
            add(routes, "PATCH", place + "/events/{id}", this::patch);
            add(routes, "DELETE", place + "/events/{id}", this::delete);
            add(routes, "GET", place + "/events/{id}/instances", this::instances);
            add(routes, "GET", place + "/calendarView", this::view);
            add(
                    routes,
                    "GET",
                    place + "/calendarView/delta",
                    call -> deltas.page(call, new CalendarViewDelta(calendars.own(call), switches)));
        }
        add(routes, "GET", "/users/{id}/events/{id}/calendar", call -> {
            Calendar calendar = anyOfMailbox(call);
            return CalendarCalls.entity(call, new Calendars.Opened(calendar, calendar.id(), false));
        });
        add(routes, "POST", "/users/{id}/calendar/getSchedule", call -> {
            calendars.own(call);
            return page(call, List.of());
        });
        add(routes, "POST", "/users/{id}/findMeetingTimes", this::meetingTimes);
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.OUTLOOK, handler));
    }

    private Reply list(Call call) {
        return page(
                call,
                calendars.opened(call).calendar().events().stream()
                        .map(CalendarEvent::shown)
                        .toList());
    }

    private Reply view(Call call) {
        List<CalendarView.Entry> entries = new ArrayList<>(
                CalendarView.of(call.query()).listed(calendars.opened(call).calendar()));
        return pageInOrder(call, entries);
    }

    private Reply instances(Call call) {
        CalendarView view = CalendarView.of(call.query());
        CalendarEvent series = holding(call).find(eventId(call)).orElseThrow(GraphError::itemNotFound);
        if (!series.isSeries()) {
            throw GraphError.of(400, "ErrorInvalidRequest", "Your request can't be completed. The event is no series.");
        }
        List<CalendarView.Entry> entries = new ArrayList<>();
        view.inside(series)
                .forEach(one ->
                        entries.add(new CalendarView.Entry(one.id(), one.start(), series.changedAt, one.shown())));
        return pageInOrder(call, entries);
    }

    private Reply pageInOrder(Call call, List<CalendarView.Entry> entries) {
        entries.sort(Comparator.comparing(CalendarView.Entry::start));
        return page(call, entries.stream().map(CalendarView.Entry::shown).toList());
    }

    private Reply page(Call call, List<ObjectNode> all) {
        int most = switches.number("paging.events.max");
        int size = Math.min(
                most,
                call.query()
                        .number("top", 1)
                        .or(() -> call.prefer().maxPageSize())
                        .orElse(switches.number("paging.events.default")));
        int from = Math.min(call.query().number("skip", 0).orElse(0), all.size());
        int to = Math.min(from + size, all.size());
        ObjectNode page =
                Json.object().put("@odata.context", call.context(call.template().substring(1)));
        List<String> selected = EventContent.PROPERTIES.select(call.query());
        ArrayNode value = page.putArray("value");
        all.subList(from, to).forEach(event -> value.add(Properties.only(event, selected)));
        if (to < all.size()) {
            page.put("@odata.nextLink", call.link(call.query().with("skip", Integer.toString(to))));
        }
        return Reply.ok(page);
    }

    private Reply get(Call call) {
        Calendar calendar = holding(call);
        ObjectNode shown = calendar.find(eventId(call))
                .map(CalendarEvent::shown)
                .or(() -> calendar.occurrence(eventId(call)).map(Occurrence::shown))
                .orElseThrow(GraphError::itemNotFound);
        return Reply.ok(entity(call, Properties.only(shown, EventContent.PROPERTIES.select(call.query()))));
    }

    private Reply post(Call call) {
        Calendar calendar = calendars.own(call);
        return Reply.created(entity(
                call,
                calendar.add(EventContent.of(calendar.owner(), call.body())).shown()));
    }

    private Reply patch(Call call) {
        EventContent.write(writable(call), eventId(call), call.body());
        return get(call);
    }

    private Reply delete(Call call) {
        EventContent.remove(writable(call), eventId(call));
        return Reply.noContent();
    }

    private static ObjectNode entity(Call call, ObjectNode shown) {
        return Json.object()
                .put("@odata.context", call.context("users/events/$entity"))
                .setAll(shown);
    }

    private static String eventId(Call call) {
        return call.id(Calendars.isNamed(call) ? 2 : 1);
    }

    /** The calendar that the event is in: the named one, or any of the mailbox. */
    private Calendar holding(Call call) {
        return Calendars.isNamed(call) ? calendars.opened(call).calendar() : anyOfMailbox(call);
    }

    private Calendar writable(Call call) {
        return Calendars.isNamed(call) ? calendars.own(call) : anyOfMailbox(call);
    }

    private Calendar anyOfMailbox(Call call) {
        return calendars
                .book(call.caller(), call.owner())
                .holding(eventId(call))
                .orElseThrow(GraphError::itemNotFound);
    }

    private Reply meetingTimes(Call call) {
        calendars.own(call);
        ObjectNode found = Json.object()
                .put("@odata.context", call.context("microsoft.graph.meetingTimeSuggestionsResult"))
                .put("emptySuggestionsReason", "");
        found.putArray("meetingTimeSuggestions");
        return Reply.ok(found);
    }
}
