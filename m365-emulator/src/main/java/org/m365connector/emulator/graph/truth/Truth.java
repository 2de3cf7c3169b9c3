package org.m365connector.emulator.graph.truth;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.protocol.Json;

/** Every version that every container ever went through, to hold against what a client made of it. */
public final class Truth {

    /** One version of one thing. */
    private record Version(
            String id,
            Optional<String> immutableId,
            Optional<String> replyToId,
            String etag,
            ChangeType type,
            List<ObjectNode> occurrences,
            Instant at) {

        static Version of(Change change) {
            return new Version(
                    change.id(),
                    change.otherId(),
                    change.answerTo(),
                    change.etag(),
                    change.type(),
                    change.occurrences(),
                    change.at());
        }
    }

    private final Map<String, List<Version>> byContainer = new HashMap<>();

    public void clear() {
        byContainer.clear();
    }

    public void record(Change change) {
        byContainer
                .computeIfAbsent(change.container(), key -> new ArrayList<>())
                .add(Version.of(change));
    }

    /**
     * {@code {resource, versions: [{id, immutableId?, replyToId?, type, etag?, occurrences?, at}], present: [id]}}, oldest first.
     * An occurrence of a series has the version of the series: {@code {id, type, subject, start, end}}.
     */
    public ObjectNode of(String container) {
        ObjectNode truth = Json.object().put("resource", container);
        ArrayNode versions = truth.putArray("versions");
        Set<String> present = new LinkedHashSet<>();
        for (Version version : byContainer.getOrDefault(container, List.of())) {
            ObjectNode shown = versions.addObject().put("id", version.id());
            version.immutableId().ifPresent(id -> shown.put("immutableId", id));
            version.replyToId().ifPresent(id -> shown.put("replyToId", id));
            shown.put("type", version.type().text());
            if (!version.etag().isEmpty()) {
                shown.put("etag", version.etag());
            }
            if (!version.occurrences().isEmpty()) {
                version.occurrences().forEach(shown.putArray("occurrences")::add);
            }
            shown.put("at", Json.millis(version.at()));
            if (version.type() == ChangeType.DELETED) {
                present.remove(version.id());
            } else {
                present.add(version.id());
            }
        }
        ArrayNode ids = truth.putArray("present");
        present.forEach(ids::add);
        return truth;
    }
}
