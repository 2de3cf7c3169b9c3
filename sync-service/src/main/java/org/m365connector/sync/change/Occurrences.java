package org.m365connector.sync.change;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.events.Change;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.WatchKind;

/**
 * Occurrences of series. Graph does not say that one is gone: it shows the series anew, without it. So what is known of a series and
 * not shown by a round that shows something of it is missing, and asked for when the round ends. What a round has shown is noted with
 * its number, so that whoever goes on with it knows. A full scan needs none of this.
 */
@ApplicationScoped
public class Occurrences {
    private final KnownResources known;

    Occurrences(KnownResources known) {
        this.known = known;
    }

    /**
     * What is missing when a round ends.
     *
     * @param items of the last page, which is not applied yet
     */
    @Transactional(TxType.REQUIRES_NEW)
    public List<Item> missing(Container container, List<Item> items) {
        if (!mayHaveSome(container) || container.scanning()) {
            return List.of();
        }
        Set<String> shown = items.stream().map(Item::id).collect(Collectors.toSet());
        return known.missing(container, seriesAmong(items)).stream()
                .filter(row -> !shown.contains(row.resourceId))
                .map(row -> row.asRemoved(container))
                .toList();
    }

    /** Shown, or said to be removed, by the present round. */
    static void note(Container container, KnownResource row) {
        if (mayHaveSome(container)) {
            row.shownIn = container.rounds();
        }
    }

    private static boolean mayHaveSome(Container container) {
        return container.kind().way() == WatchKind.Way.VIEW;
    }

    /** A series shows itself, or by one of its occurrences. */
    private static Set<String> seriesAmong(List<Item> items) {
        Set<String> series = new HashSet<>();
        items.forEach(item -> series.add(item.series().orElse(item.id())));
        return series;
    }

    /** Whether it has another version only because something else in its series has changed. */
    static boolean isVersionOfSeriesOnly(Item item, Decision decision, KnownResource seen) {
        return item.series().isPresent()
                && decision.event().equals(Optional.of(Change.Kind.UPDATED))
                && FieldHashes.changed(seen.fields, item.fields()).isEmpty();
    }
}
