package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/**
 * One occurrence of a series. Its id is made of the day on which it was to be, so it stays the same when it is moved, or the whole
 * series to another hour. Its version is that of the series, since it is a part of that item.
 *
 * @param day on which it was to be
 * @param originalStart when it was to begin
 * @param exception what differs from the series; empty where it is as the series says
 */
record Occurrence(CalendarEvent series, LocalDate day, Instant originalStart, Optional<ObjectNode> exception) {

    /** A series is not followed further than this. */
    static final Duration FURTHEST = Duration.ofDays(800);

    private static final int MOST = 1_000;

    /** Daily and weekly patterns, each on the day of the week of its start. */
    static List<Occurrence> of(CalendarEvent series) {
        JsonNode pattern = series.entity.at("/recurrence/pattern");
        JsonNode range = series.entity.at("/recurrence/range");
        int interval = Math.max(1, pattern.path("interval").asInt(1));
        Duration step =
                Duration.ofDays((long) interval * daysOf(pattern.path("type").asText()));
        boolean numbered = range.path("type").asText().equals("numbered");
        int most = numbered ? range.path("numberOfOccurrences").asInt(1) : MOST;
        Instant last = range.path("type").asText().equals("endDate")
                ? LocalDate.parse(range.path("endDate").asText())
                        .plusDays(1)
                        .atStartOfDay(ZoneOffset.UTC)
                        .toInstant()
                : Instant.MAX;
        Instant until = series.start().plus(FURTHEST);
        List<Occurrence> found = new ArrayList<>();
        Instant start = series.start();
        for (int n = 0; n < most && start.isBefore(until) && start.isBefore(last); n++) {
            LocalDate day = start.atZone(ZoneOffset.UTC).toLocalDate();
            if (!series.isWithout(day)) {
                found.add(new Occurrence(series, day, start, series.exception(day)));
            }
            start = start.plus(step);
        }
        return found;
    }

    private static int daysOf(String type) {
        return switch (type) {
            case "daily" -> 1;
            case "weekly" -> 7;
            default ->
                throw GraphError.of(
                        501, "NotImplemented", "The emulator knows daily and weekly patterns only, not " + type + ".");
        };
    }

    String id() {
        return series.id + "-" + DateTimeFormatter.BASIC_ISO_DATE.format(day);
    }

    Instant start() {
        return exception
                .filter(own -> own.has("start"))
                .map(own -> EventTimes.instant(own.path("start")))
                .orElse(originalStart);
    }

    Instant end() {
        return exception
                .filter(own -> own.has("end"))
                .map(own -> EventTimes.instant(own.path("end")))
                .orElseGet(() -> start().plus(Duration.between(series.start(), series.end())));
    }

    /** In lists, and asked for singly: all that it has of its series, and what is its own. */
    ObjectNode shown() {
        ObjectNode shown = series.shown();
        exception.ifPresent(own -> shown.setAll(own.deepCopy()));
        return placed(shown).put("originalStart", Json.seconds(originalStart)).putNull("recurrence");
    }

    /** In a delta: an exception as a whole, of another one only whose it is, and when. */
    ObjectNode shownInDelta() {
        return exception.isPresent() ? shown() : placed(Json.object().put("@odata.etag", series.etag()));
    }

    /** What people see of it: {@code {id, type, subject, start, end}}. */
    ObjectNode seen() {
        return shown().retain("id", "type", "subject", "start", "end");
    }

    private ObjectNode placed(ObjectNode shown) {
        shown.put("id", id())
                .put("seriesMasterId", series.id)
                .put("type", exception.isPresent() ? "exception" : "occurrence");
        shown.set("start", EventTimes.shown(start()));
        shown.set("end", EventTimes.shown(end()));
        return shown;
    }
}
