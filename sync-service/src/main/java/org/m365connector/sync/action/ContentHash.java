package org.m365connector.sync.action;

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

/** The same hash as libs/outbox makes of an event from Kafka, so that one action may come both ways and still acts once. */
final class ContentHash {
    private static final ObjectMapper SORTING = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private ContentHash() {}

    static byte[] of(Event<JsonNode> event) {
        var content = new TreeMap<String, Object>(event.extensions());
        content.keySet().removeAll(Set.of(Event.DEADLINE, "traceparent", "tracestate"));
        content.put("/type", event.type());
        event.subject().ifPresent(subject -> content.put("/subject", subject));
        try {
            content.put("/data", SORTING.treeToValue(event.data(), Object.class));
            return MessageDigest.getInstance("SHA-256").digest(SORTING.writeValueAsBytes(content));
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("an event's content cannot be hashed", e);
        }
    }
}
