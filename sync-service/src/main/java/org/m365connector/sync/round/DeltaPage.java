package org.m365connector.sync.round;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.sync.change.Item;

/**
 * A page of a delta; exactly one of the links is there. Links are relative to the version.
 *
 * @param touched of a container of containers: ids of those in which something has changed
 */
record DeltaPage(List<Item> items, Optional<String> nextLink, Optional<String> deltaLink, Set<String> touched) {

    DeltaPage {
        items = List.copyOf(items);
        touched = Set.copyOf(touched);
        if (nextLink.isPresent() == deltaLink.isPresent()) {
            throw new IllegalArgumentException("a page has either a next link or a delta link");
        }
    }

    /** Other items on it. */
    DeltaPage with(List<Item> others) {
        return new DeltaPage(others, nextLink, deltaLink, touched);
    }

    /** Without what a look at each thing has settled. */
    DeltaPage without(Rounds.Unseen settled) {
        Set<String> ids = Stream.concat(settled.there().stream(), settled.gone().stream())
                .map(Item::id)
                .collect(Collectors.toSet());
        return with(items.stream().filter(item -> !ids.contains(item.id())).toList());
    }

    DeltaPage(List<Item> items, Optional<String> nextLink, Optional<String> deltaLink) {
        this(items, nextLink, deltaLink, Set.of());
    }
}
