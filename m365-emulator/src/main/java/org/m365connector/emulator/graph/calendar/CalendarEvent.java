package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.m365connector.emulator.graph.protocol.Json;

/** A single event or a series; {@code entity} is all that Graph shows of it but for the form of its times. */
final class CalendarEvent {

    final String id;
    final ObjectNode entity;
    final long cameAt;
    /** Position of its last change; of a series also that of the last change of one of its occurrences. */
    long changedAt;

    private final Set<LocalDate> deleted = new HashSet<>();
    private final Map<LocalDate, ObjectNode> exceptions = new HashMap<>();

    CalendarEvent(String id, ObjectNode entity, long cameAt) {
        this.id = id;
        this.entity = entity;
        this.cameAt = cameAt;
        this.changedAt = cameAt;
    }

    /** The same in another calendar. */
    CalendarEvent elsewhere(long came) {
        CalendarEvent there = new CalendarEvent(id, entity, came);
        there.deleted.addAll(deleted);
        there.exceptions.putAll(exceptions);
        return there;
    }

    Instant start() {
        return EventTimes.instant(entity.path("start"));
    }

    Instant end() {
        return EventTimes.instant(entity.path("end"));
    }

    /** Of a series, when it is not followed any further. */
    Instant lastEnd() {
        return isSeries() ? start().plus(Occurrence.FURTHEST) : end();
    }

    boolean isSeries() {
        return entity.path("recurrence").isObject();
    }

    /** Its exceptions belong to its pattern and times, and do not outlive them. */
    boolean recursOtherwiseThan(ObjectNode before) {
        return Stream.of("start", "end", "recurrence")
                .anyMatch(name -> !before.path(name).equals(entity.path(name)));
    }

    void forgetExceptions() {
        deleted.clear();
        exceptions.clear();
    }

    /** @param day on which the occurrence was to be */
    void without(LocalDate day) {
        exceptions.remove(day);
        deleted.add(day);
    }

    /** @param change what differs from the series, besides what did so already */
    void except(LocalDate day, ObjectNode change) {
        exceptions.computeIfAbsent(day, any -> Json.object()).setAll(change);
    }

    boolean isWithout(LocalDate day) {
        return deleted.contains(day);
    }

    Optional<ObjectNode> exception(LocalDate day) {
        return Optional.ofNullable(exceptions.get(day));
    }

    String etag() {
        return "W/\"" + entity.path("changeKey").asText() + "\"";
    }

    ObjectNode shown() {
        ObjectNode shown = Json.object().put("@odata.etag", etag());
        shown.setAll(entity.deepCopy());
        return shown.put("id", id);
    }

    /** Of a series, all of them, the deleted ones left out. */
    List<Occurrence> occurrences() {
        return isSeries() ? Occurrence.of(this) : List.of();
    }

    Optional<Occurrence> occurrence(String occurrenceId) {
        return occurrenceId.startsWith(id)
                ? occurrences().stream()
                        .filter(one -> one.id().equals(occurrenceId))
                        .findFirst()
                : Optional.empty();
    }
}
