package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What the things in one container went through, by the emulator's own record. A series is one item: its occurrences have its versions,
 * and another version of one is news only where there is something else to be seen of it.
 */
final class LedgerTruth {

    private static final String GONE = "gone";

    private final Map<String, List<Version>> versions = new LinkedHashMap<>();
    private final Map<String, String> seriesOf = new HashMap<>();

    /**
     * One version.
     *
     * @param content what there is to be seen of it; of what is no occurrence every version is another
     * @param at when it came to be like this
     * @param news whether it differs from the one before
     */
    record Version(String etag, boolean deleted, String content, Instant at, boolean news) {}

    /** @param mail whether the container's things are known by their immutable ids */
    LedgerTruth(boolean mail, JsonNode truthOfContainer) {
        Map<String, Set<String>> occurrences = new HashMap<>();
        for (JsonNode version : truthOfContainer.path("versions")) {
            String id = version.path(mail ? "immutableId" : "id").asText();
            String etag = version.path("etag").asText();
            boolean deleted = version.path("type").asText().equals("deleted");
            Instant at = Instant.parse(version.path("at").asText());
            add(id, etag, deleted, deleted ? GONE : etag, at);
            Set<String> there = new HashSet<>();
            for (JsonNode occurrence : version.path("occurrences")) {
                String its = occurrence.path("id").asText();
                there.add(its);
                seriesOf.put(its, id);
                add(its, etag, false, seen(occurrence), at);
            }
            Set<String> before = occurrences.getOrDefault(id, Set.of());
            before.stream().filter(its -> !there.contains(its)).forEach(its -> add(its, "", true, GONE, at));
            occurrences.put(id, there);
        }
    }

    private void add(String id, String etag, boolean deleted, String content, Instant at) {
        List<Version> all = versions.computeIfAbsent(id, any -> new ArrayList<>());
        Optional<Version> same = Optional.of(all)
                .filter(some -> !some.isEmpty())
                .map(some -> some.get(some.size() - 1))
                .filter(last -> last.content().equals(content));
        all.add(new Version(etag, deleted, content, same.map(Version::at).orElse(at), same.isEmpty()));
    }

    /** What people see of an occurrence, be it told or recorded. */
    static String seen(JsonNode occurrence) {
        return occurrence.path("subject").asText() + ", "
                + occurrence.at("/start/dateTime").asText() + " to "
                + occurrence.at("/end/dateTime").asText();
    }

    /** All versions of a thing, the oldest first. */
    List<Version> of(String id) {
        return versions.getOrDefault(id, List.of());
    }

    /** Where it is an occurrence, the id of its series. */
    Optional<String> seriesOf(String id) {
        return Optional.ofNullable(seriesOf.get(id));
    }

    void forEach(BiConsumer<String, List<Version>> action) {
        versions.forEach(action);
    }
}
