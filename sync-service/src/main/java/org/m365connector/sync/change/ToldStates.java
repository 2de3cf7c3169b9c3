package org.m365connector.sync.change;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.sync.watch.Container;

/** What the portal has been told of single resources, for those who wonder whether that is enough. */
@ApplicationScoped
public class ToldStates {
    private final KnownResources known;

    ToldStates(KnownResources known) {
        this.known = known;
    }

    /** @param etag of the last state */
    public record State(String etag, boolean deleted) {}

    /** Which of these are known to be in one of the container's parts. */
    @Transactional
    public Set<String> inParts(Container whole, Collection<String> ids) {
        return known.inParts(whole, ids).stream().map(row -> row.resourceId).collect(Collectors.toSet());
    }

    /** By id; without those of which nothing is known. */
    @Transactional
    public Map<String, State> of(Container container, Collection<String> ids) {
        return known.of(container, ids).values().stream()
                .collect(Collectors.toMap(row -> row.resourceId, row -> new State(row.etag, row.deleted())));
    }
}
