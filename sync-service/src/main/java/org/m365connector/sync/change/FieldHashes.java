package org.m365connector.sync.change;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.m365connector.events.EventCodec;

/** Remembers of each member only a hash, enough to say which have changed; nobody's subject stays in our database. */
final class FieldHashes {
    private static final int LENGTH = 12;

    private FieldHashes() {}

    static String of(Map<String, String> fields) {
        Map<String, String> hashes = new TreeMap<>();
        fields.forEach(
                (name, value) -> hashes.put(name, ChangeIds.sha256(name, value).substring(0, LENGTH)));
        return new String(EventCodec.bytes(hashes), StandardCharsets.UTF_8);
    }

    /** Names of the members that differ, in alphabetical order. */
    static List<String> changed(String stored, Map<String, String> now) {
        try {
            Map<String, String> before = EventCodec.json().readValue(stored, new TypeReference<>() {});
            Map<String, String> after = EventCodec.json().readValue(of(now), new TypeReference<>() {});
            return after.entrySet().stream()
                    .filter(field -> !field.getValue().equals(before.get(field.getKey())))
                    .map(Map.Entry::getKey)
                    .sorted()
                    .toList();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored hashes cannot be read", e);
        }
    }
}
