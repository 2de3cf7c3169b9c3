package org.m365connector.sync.round;

import java.util.List;
import java.util.Optional;
import org.m365connector.sync.change.Item;

/** A page of a delta; exactly one of the links is there. Links are relative to the version. */
record DeltaPage(List<Item> items, Optional<String> nextLink, Optional<String> deltaLink) {

    DeltaPage {
        items = List.copyOf(items);
        if (nextLink.isPresent() == deltaLink.isPresent()) {
            throw new IllegalArgumentException("a page has either a next link or a delta link");
        }
    }
}
