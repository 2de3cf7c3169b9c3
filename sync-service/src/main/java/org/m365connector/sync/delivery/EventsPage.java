package org.m365connector.sync.delivery;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.EventCodec;

/**
 * Events that a portal has fetched.
 *
 * @param next the value of {@code after} for what comes behind them
 */
public record EventsPage(List<Item> items, String next) {

    /**
     * @param id where it stands; rises
     * @param key what stays in order
     * @param event a CloudEvent in structured mode; its data are the bytes of the topic
     */
    public record Item(
            String id,
            String topic,
            Optional<String> key,
            @JsonRawValue String event) {
        static Item of(StagedEvent event) {
            return new Item(Long.toString(event.id()), event.kind(), event.key(), structured(event));
        }
    }

    static EventsPage of(List<StagedEvent> events, long after) {
        long last = events.isEmpty() ? after : events.get(events.size() - 1).id();
        return new EventsPage(events.stream().map(Item::of).toList(), Long.toString(last));
    }

    private static String structured(StagedEvent staged) {
        var headers = staged.headers();
        String contentType = RecordHeaders.contentType(headers);
        if (contentType.startsWith("application/cloudevents+json") && isJson(staged.body())) {
            return text(staged.body());
        }
        ObjectNode event = EventCodec.json().createObjectNode();
        RecordHeaders.attributes(headers).forEach(event::put);
        event.put("datacontenttype", contentType);
        if (!isJson(staged.body())) {
            return event.put("data_base64", staged.body()).toString();
        }
        // Put in as it is: parsed and written anew, numbers and the order of members could differ.
        String attributes = event.toString();
        return attributes.substring(0, attributes.length() - 1) + ",\"data\":" + text(staged.body()) + "}";
    }

    private static boolean isJson(byte[] body) {
        try {
            JsonNode read = EventCodec.json().readTree(text(body));
            return !read.isMissingNode() && Arrays.equals(text(body).getBytes(StandardCharsets.UTF_8), body);
        } catch (IOException e) {
            return false;
        }
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }
}
