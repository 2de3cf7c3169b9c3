package org.m365connector.emulator.graph.calendar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/** The two forms of a time: {@code dateTime} with {@code timeZone} in events, ISO 8601 in query options. */
final class EventTimes {

    private static final DateTimeFormatter SEVEN_DIGITS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS").withZone(ZoneOffset.UTC);

    private EventTimes() {}

    static Instant instant(JsonNode time) {
        try {
            String zone = time.path("timeZone").asText("UTC");
            return LocalDateTime.parse(time.path("dateTime").asText().replaceAll("Z$", ""))
                    .atZone(ZoneId.of(zone))
                    .toInstant();
        } catch (DateTimeException e) {
            throw GraphError.of(
                    400,
                    "ErrorInvalidArgument",
                    "The time or time zone is not valid: "
                            + time.path("dateTime").asText());
        }
    }

    static ObjectNode shown(Instant time) {
        return Json.object().put("dateTime", SEVEN_DIGITS.format(time)).put("timeZone", "UTC");
    }

    /** Without an offset it is UTC. */
    static Instant option(String name, String text) {
        try {
            return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)$")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw GraphError.of(
                    400, "ErrorInvalidParameter", "The value of the parameter '" + name + "' is not valid.");
        }
    }
}
