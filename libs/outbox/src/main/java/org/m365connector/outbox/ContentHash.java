package org.m365connector.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import java.util.TreeMap;
import org.m365connector.events.Event;

/**
 * What makes an event this event: type, subject, extensions and data, but neither time, deadline and trace nor how its JSON is laid
 * out. So one event may come by Kafka and by HTTP and has its effect once ({@link Inbox#firstTime}).
 */
public final class ContentHash {

    /** Sorts what it writes, so that the same JSON has the same hash however it was laid out. */
    private static final ObjectMapper SORTING = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private ContentHash() {}

    /** @throws PoisonException where the data is nested too deeply */
    public static byte[] of(Event<JsonNode> event) {
        var content = new TreeMap<String, Object>(event.extensions());
        content.keySet().removeAll(Set.of(Event.DEADLINE, Outbox.TRACEPARENT, "tracestate"));
        content.put("/type", event.type());
        event.subject().ifPresent(subject -> content.put("/subject", subject));
        try {
            content.put("/data", SORTING.treeToValue(event.data(), Object.class));
            return MessageDigest.getInstance("SHA-256").digest(SORTING.writeValueAsBytes(content));
        } catch (JsonProcessingException e) {
            throw new PoisonException("the event's data is nested too deeply");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
