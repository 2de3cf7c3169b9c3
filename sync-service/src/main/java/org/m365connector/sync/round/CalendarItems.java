package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.DateTimeTimeZone;
import com.microsoft.graph.models.Event;
import com.microsoft.graph.models.EventType;
import com.microsoft.graph.models.Recipient;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.sync.change.Item;

/** Events, as the portal is told of them. */
final class CalendarItems {
    private CalendarItems() {}

    static Item item(String container, Event event) {
        Instant created = Members.instant(event.getCreatedDateTime());
        Instant modified = Members.instant(event.getLastModifiedDateTime(), created);
        boolean ofSeries = event.getType() == EventType.Occurrence || event.getType() == EventType.Exception;
        return new Item(
                event.getId(),
                container + "/" + event.getId(),
                false,
                Members.etag(event)
                        .or(() -> Optional.ofNullable(event.getChangeKey()))
                        .orElseGet(modified::toString),
                created,
                modified,
                resource(event),
                fields(event),
                Optional.ofNullable(event.getSeriesMasterId()).filter(id -> ofSeries));
    }

    static Item removed(String container, String id) {
        return new Item(
                id,
                container + "/" + id,
                true,
                "",
                Instant.EPOCH,
                Instant.EPOCH,
                JsonNodeFactory.instance.objectNode().put("id", id),
                Map.of());
    }

    /** An occurrence of which only its place is shown, with all that it shares with its series. */
    static Event asInSeries(Event occurrence, Event series) {
        occurrence.setCreatedDateTime(series.getCreatedDateTime());
        occurrence.setLastModifiedDateTime(series.getLastModifiedDateTime());
        occurrence.setSubject(series.getSubject());
        occurrence.setIsAllDay(series.getIsAllDay());
        occurrence.setIsCancelled(series.getIsCancelled());
        occurrence.setImportance(series.getImportance());
        occurrence.setShowAs(series.getShowAs());
        occurrence.setSensitivity(series.getSensitivity());
        occurrence.setLocation(series.getLocation());
        occurrence.setBodyPreview(series.getBodyPreview());
        occurrence.setCategories(series.getCategories());
        occurrence.setOrganizer(series.getOrganizer());
        occurrence.setAttendees(series.getAttendees());
        return occurrence;
    }

    private static ObjectNode resource(Event event) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("id", event.getId());
        Members.put(
                resource,
                "type",
                event.getType() == null ? null : event.getType().getValue());
        Members.put(resource, "seriesMasterId", event.getSeriesMasterId());
        Members.put(resource, "subject", event.getSubject());
        time(resource, "start", event.getStart());
        time(resource, "end", event.getEnd());
        Members.put(resource, "isAllDay", event.getIsAllDay());
        Members.put(resource, "isCancelled", event.getIsCancelled());
        Members.put(resource, "organizer", address(event.getOrganizer()));
        Members.put(
                resource,
                "location",
                event.getLocation() == null ? null : event.getLocation().getDisplayName());
        Members.put(resource, "createdDateTime", event.getCreatedDateTime());
        Members.put(resource, "lastModifiedDateTime", event.getLastModifiedDateTime());
        Members.put(resource, "webLink", event.getWebLink());
        return resource;
    }

    private static Map<String, String> fields(Event event) {
        Map<String, String> fields = new TreeMap<>();
        fields.put("subject", Objects.toString(event.getSubject(), ""));
        fields.put("start", text(event.getStart()));
        fields.put("end", text(event.getEnd()));
        fields.put("isAllDay", Objects.toString(event.getIsAllDay(), ""));
        fields.put("isCancelled", Objects.toString(event.getIsCancelled(), ""));
        fields.put("importance", Objects.toString(event.getImportance(), ""));
        fields.put("showAs", Objects.toString(event.getShowAs(), ""));
        fields.put("sensitivity", Objects.toString(event.getSensitivity(), ""));
        fields.put(
                "location",
                event.getLocation() == null
                        ? ""
                        : Objects.toString(event.getLocation().getDisplayName(), ""));
        fields.put("body", Objects.toString(event.getBodyPreview(), ""));
        fields.put("categories", Objects.toString(event.getCategories(), ""));
        fields.put(
                "attendees",
                event.getAttendees() == null
                        ? ""
                        : event.getAttendees().stream()
                                .map(attendee -> Objects.toString(address(attendee), "") + " "
                                        + (attendee.getStatus() == null
                                                ? ""
                                                : attendee.getStatus().getResponse()))
                                .sorted()
                                .toList()
                                .toString());
        return fields;
    }

    private static String address(Recipient recipient) {
        return recipient == null || recipient.getEmailAddress() == null
                ? null
                : recipient.getEmailAddress().getAddress();
    }

    /** Graph tells times in UTC to whoever does not ask for another zone. */
    static Instant instant(DateTimeTimeZone time) {
        return time == null || time.getDateTime() == null
                ? Instant.EPOCH
                : LocalDateTime.parse(time.getDateTime()).toInstant(ZoneOffset.UTC);
    }

    private static String text(DateTimeTimeZone time) {
        return time == null ? "" : time.getDateTime() + " " + time.getTimeZone();
    }

    private static void time(ObjectNode node, String name, DateTimeTimeZone time) {
        if (time != null) {
            node.putObject(name).put("dateTime", time.getDateTime()).put("timeZone", time.getTimeZone());
        }
    }
}
