package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Query;

/** A part of a calendar: what lies between two moments, or reaches into it. */
record CalendarView(Instant from, Instant until) {

    /** Something in it, and the position of its last change. */
    record Entry(String id, Instant start, long changedAt, ObjectNode shown) {}

    /** Both moments must be named. */
    static CalendarView of(Query options) {
        return new CalendarView(option(options, "startDateTime"), option(options, "endDateTime"));
    }

    private static Instant option(Query options, String name) {
        return options.text(name.toLowerCase(java.util.Locale.ROOT))
                .map(text -> EventTimes.option(name, text))
                .orElseThrow(() -> GraphError.of(
                        400,
                        "ErrorInvalidParameter",
                        "This request requires a time window specified by the query string parameters StartDateTime and"
                                + " EndDateTime."));
    }

    boolean holds(Instant start, Instant end) {
        return start.isBefore(until) && (end.isAfter(from) || (start.equals(end) && !start.isBefore(from)));
    }

    /** As a delta shows it: series beside their occurrences. A series is one item, so that all of it changes at once. */
    List<Entry> inDelta(Calendar calendar) {
        List<Entry> entries = singles(calendar);
        for (CalendarEvent series : calendar.events()) {
            List<Occurrence> inside = inside(series);
            if (!inside.isEmpty()) {
                entries.add(new Entry(series.id, series.start(), series.changedAt, series.shown()));
            }
            inside.forEach(one -> entries.add(new Entry(one.id(), one.start(), series.changedAt, one.shownInDelta())));
        }
        return entries;
    }

    /** As a list shows it: occurrences without their series. */
    List<Entry> listed(Calendar calendar) {
        List<Entry> entries = singles(calendar);
        calendar.events().stream()
                .flatMap(series -> inside(series).stream())
                .forEach(one -> entries.add(new Entry(one.id(), one.start(), one.series().changedAt, one.shown())));
        return entries;
    }

    /** Occurrences of a series, none of what is no series. */
    List<Occurrence> inside(CalendarEvent series) {
        return series.occurrences().stream()
                .filter(one -> holds(one.start(), one.end()))
                .toList();
    }

    private List<Entry> singles(Calendar calendar) {
        List<Entry> entries = new ArrayList<>();
        calendar.events().stream()
                .filter(event -> !event.isSeries() && holds(event.start(), event.end()))
                .forEach(event -> entries.add(new Entry(event.id, event.start(), event.changedAt, event.shown())));
        return entries;
    }
}
