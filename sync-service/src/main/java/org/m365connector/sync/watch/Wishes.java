package org.m365connector.sync.watch;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * What the watches of a container want together: they share its events, so whatever one of them wants is told.
 *
 * @param content whether what people wrote is told
 * @param own whether what our own actions have made is told
 */
public record Wishes(List<Watch> watches, boolean content, boolean own) {

    public static Wishes of(List<Watch> watches) {
        return new Wishes(
                watches,
                watches.stream().anyMatch(watch -> watch.content),
                watches.stream().anyMatch(watch -> watch.includeOwn));
    }

    /**
     * The watch that a resource is told for, by the name that the portal knows.
     *
     * @param carrier preferred, where it wants it
     * @return empty where no watch's filter lets it through
     */
    public Optional<String> wanting(JsonNode resource, Watch carrier) {
        if (watches.isEmpty()
                || carrier.filter().map(filter -> filter.matches(resource)).orElse(true)) {
            return Optional.of(carrier.toldAs());
        }
        return watches.stream()
                .filter(watch ->
                        watch.filter().map(filter -> filter.matches(resource)).orElse(true))
                .map(Watch::toldAs)
                .findFirst();
    }
}
