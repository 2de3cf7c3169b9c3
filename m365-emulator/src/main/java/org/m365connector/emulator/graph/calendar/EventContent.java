package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Properties;

/** What an event consists of, and how it is written. */
final class EventContent {

    static final Properties PROPERTIES = new Properties(
            "microsoft.graph.event",
            "id",
            "attendees",
            "body",
            "bodyPreview",
            "categories",
            "changeKey",
            "createdDateTime",
            "end",
            "importance",
            "isAllDay",
            "isCancelled",
            "isOnlineMeeting",
            "isOrganizer",
            "isReminderOn",
            "lastModifiedDateTime",
            "location",
            "organizer",
            "originalStart",
            "recurrence",
            "reminderMinutesBeforeStart",
            "responseStatus",
            "sensitivity",
            "seriesMasterId",
            "showAs",
            "start",
            "subject",
            "transactionId",
            "type",
            "webLink");

    private EventContent() {}

    /** Of a new one. */
    static ObjectNode of(UserAccount owner, ObjectNode input) {
        PROPERTIES.check(input);
        ObjectNode content = Json.object().put("subject", input.path("subject").asText(""));
        content.put("isAllDay", input.path("isAllDay").asBoolean()).put("isCancelled", false);
        content.put("importance", input.path("importance").asText("normal"));
        content.put("showAs", input.path("showAs").asText("busy"));
        content.set("start", time(input, "start"));
        content.set("end", time(input, "end"));
        JsonNode body = input.path("body");
        content.putObject("body")
                .put("contentType", body.path("contentType").asText("html"))
                .put("content", body.path("content").asText(""));
        content.set("location", input.path("location").isObject() ? input.get("location") : Json.object());
        content.set("attendees", input.path("attendees").isArray() ? input.get("attendees") : Json.array());
        content.set("recurrence", input.path("recurrence").isObject() ? input.get("recurrence") : null);
        content.putNull("seriesMasterId");
        content.putObject("organizer")
                .putObject("emailAddress")
                .put("name", owner.displayName())
                .put("address", owner.upn());
        return content;
    }

    /** Changes an event, a series or an occurrence. */
    static void write(Calendar calendar, String id, ObjectNode input) {
        PROPERTIES.check(input);
        ObjectNode changed = Json.object();
        input.properties().forEach(entry -> {
            boolean isTime = entry.getKey().equals("start") || entry.getKey().equals("end");
            changed.set(entry.getKey(), isTime ? time(input, entry.getKey()) : entry.getValue());
        });
        calendar.find(id)
                .ifPresentOrElse(
                        event -> calendar.change(event, entity -> entity.setAll(changed)),
                        () -> calendar.change(occurrence(calendar, id), changed));
    }

    static void remove(Calendar calendar, String id) {
        calendar.find(id).ifPresentOrElse(calendar::remove, () -> calendar.remove(occurrence(calendar, id)));
    }

    private static Occurrence occurrence(Calendar calendar, String id) {
        return calendar.occurrence(id).orElseThrow(GraphError::itemNotFound);
    }

    private static ObjectNode time(ObjectNode input, String name) {
        if (!input.path(name).path("dateTime").isTextual()) {
            throw GraphError.of(400, "ErrorPropertyValidationFailure", "At least one property failed validation.");
        }
        return EventTimes.shown(EventTimes.instant(input.get(name)));
    }
}
