package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.Json;

/**
 * One of somebody's calendars, and what went out of the way in it. A series is one item: whatever happens to one of its
 * occurrences is a change of the series, and is told as such.
 */
final class Calendar {

    /**
     * A thing that was at that time and is no longer there, deleted or moved.
     *
     * @param occurrence whether it was one of a series
     */
    record Departure(String id, boolean occurrence, Instant start, Instant end, long cameAt, long leftAt) {}

    private final UserAccount owner;
    private final String id;
    private final String name;
    private final boolean standard;
    private final Clock clock;
    private final Changes changes;
    private final Map<String, CalendarEvent> events = new LinkedHashMap<>();
    private final List<Departure> departures = new ArrayList<>();
    private final Set<String> sharedWith = new HashSet<>();
    private long position;

    Calendar(UserAccount owner, String id, String name, boolean standard, Clock clock, Changes changes) {
        this.owner = owner;
        this.id = id;
        this.name = name;
        this.standard = standard;
        this.clock = clock;
        this.changes = changes;
    }

    static String newId(UserAccount owner) {
        return "AAMkAG" + encoded(owner.oid().substring(0, 8) + UUID.randomUUID()) + "AAA=";
    }

    UserAccount owner() {
        return owner;
    }

    String id() {
        return id;
    }

    String name() {
        return name;
    }

    /** Whether it is the one that is meant where none is named. */
    boolean isStandard() {
        return standard;
    }

    /** Empty for the standard one. */
    Optional<String> named() {
        return standard ? Optional.empty() : Optional.of(id);
    }

    void shareWith(String oid) {
        sharedWith.add(oid);
    }

    boolean isSharedWith(String oid) {
        return sharedWith.contains(oid);
    }

    long position() {
        return position;
    }

    List<CalendarEvent> events() {
        return new ArrayList<>(events.values());
    }

    List<Departure> departures() {
        return departures;
    }

    Optional<CalendarEvent> find(String eventId) {
        return Optional.ofNullable(events.get(eventId));
    }

    /** The occurrence of one of the series. */
    Optional<Occurrence> occurrence(String occurrenceId) {
        return events.values().stream()
                .flatMap(event -> event.occurrence(occurrenceId).stream())
                .findFirst();
    }

    CalendarEvent add(ObjectNode content) {
        String now = Json.seconds(clock.instant());
        ObjectNode entity = Json.object().put("createdDateTime", now).put("lastModifiedDateTime", now);
        entity.put("changeKey", changeKey());
        entity.setAll(content);
        entity.put("type", content.path("recurrence").isObject() ? "seriesMaster" : "singleInstance");
        return arrive(new CalendarEvent(newId(owner), entity, ++position));
    }

    /** It leaves that calendar and keeps its id. */
    CalendarEvent take(CalendarEvent event, Calendar from) {
        from.remove(event);
        event.entity.put("lastModifiedDateTime", Json.seconds(clock.instant()));
        event.entity.put("changeKey", changeKey());
        return arrive(event.elsewhere(++position));
    }

    private CalendarEvent arrive(CalendarEvent event) {
        events.put(event.id, event);
        publish(ChangeType.CREATED, event, Optional.empty());
        return event;
    }

    void change(CalendarEvent event, Consumer<ObjectNode> change) {
        ObjectNode before = event.entity.deepCopy();
        departures.addAll(whereabouts(event));
        change.accept(event.entity);
        if (event.recursOtherwiseThan(before)) {
            event.forgetExceptions();
        }
        touch(event);
        publish(ChangeType.UPDATED, event, Optional.of(before));
    }

    void remove(CalendarEvent event) {
        departures.addAll(whereabouts(event));
        position++;
        events.remove(event.id);
        publish(ChangeType.DELETED, event, Optional.of(event.entity.deepCopy()));
    }

    /** From then on it is an exception of its series. */
    void change(Occurrence occurrence, ObjectNode change) {
        changeSeries(
                occurrence,
                series -> series.except(
                        occurrence.day(), change.put("lastModifiedDateTime", Json.seconds(clock.instant()))));
    }

    void remove(Occurrence occurrence) {
        changeSeries(occurrence, series -> series.without(occurrence.day()));
    }

    private void changeSeries(Occurrence occurrence, Consumer<CalendarEvent> change) {
        CalendarEvent series = occurrence.series();
        ObjectNode before = series.entity.deepCopy();
        // It may have been the last one that a view has seen of the series.
        departures.add(departure(series));
        departures.add(departure(occurrence));
        change.accept(series);
        touch(series);
        publish(ChangeType.UPDATED, series, Optional.of(before));
    }

    private void touch(CalendarEvent event) {
        event.entity.put("lastModifiedDateTime", Json.seconds(clock.instant()));
        event.entity.put("changeKey", changeKey());
        event.changedAt = ++position;
    }

    /** Where it is in the calendar: what is not found there any more after a change has left. */
    private List<Departure> whereabouts(CalendarEvent event) {
        return Stream.concat(
                        Stream.of(departure(event)),
                        event.occurrences().stream().map(this::departure))
                .toList();
    }

    private Departure departure(CalendarEvent event) {
        return new Departure(event.id, false, event.start(), event.lastEnd(), event.cameAt, position + 1);
    }

    private Departure departure(Occurrence one) {
        return new Departure(one.id(), true, one.start(), one.end(), one.series().cameAt, position + 1);
    }

    private void publish(ChangeType type, CalendarEvent event, Optional<ObjectNode> before) {
        boolean gone = type == ChangeType.DELETED;
        changes.publish(new Change.Event(
                type,
                owner.tenant().id(),
                owner.oid(),
                named(),
                event.id,
                gone ? "" : event.etag(),
                before,
                gone ? Optional.empty() : Optional.of(event.entity.deepCopy()),
                gone
                        ? List.of()
                        : event.occurrences().stream().map(Occurrence::seen).toList(),
                clock.instant()));
    }

    private static String changeKey() {
        return "CQ" + encoded(UUID.randomUUID().toString());
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
