package org.m365connector.sync.round;

import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    DeltaPage(List<Item> items, Optional<String> nextLink, Optional<String> deltaLink) {
        this(items, nextLink, deltaLink, Set.of());
    }
}
