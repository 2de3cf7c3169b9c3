package org.m365connector.sync.change;

import java.util.Optional;
import org.m365connector.events.Change;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.Wishes;

/**
 * What the portal is told where its watches let only some things through. What comes within the filter is created for it, what
 * leaves is told once more as it is then, and from there on hidden.
 *
 * <pre>
 * known to the portal   fits now   is told
 * no                    yes        created, if anything is told at all
 * no                    no         nothing
 * yes                   yes        as it is
 * yes                   no         updated, a last time
 * </pre>
 *
 * @param hidden whether the portal does not know of it afterwards
 */
record Telling(Optional<Change.Kind> event, boolean hidden) {

    /** @param row what is known of it before */
    static Telling of(Watch carrier, Wishes wishes, Item item, Decision decision, Optional<KnownResource> row) {
        return of(
                decision.event(),
                row.filter(before -> before.hidden).isPresent(),
                wishes.wanting(item.resource(), carrier).isPresent());
    }

    /**
     * @param decided what has happened at Graph
     * @param wasHidden whether it is remembered, but the portal does not know of it
     * @param fits whether a filter lets it through as it is now; of what is gone that cannot be said
     */
    static Telling of(Optional<Change.Kind> decided, boolean wasHidden, boolean fits) {
        if (decided.equals(Optional.of(Change.Kind.DELETED))) {
            return new Telling(decided.filter(gone -> !wasHidden), wasHidden);
        }
        boolean known = decided.equals(Optional.of(Change.Kind.UPDATED)) && !wasHidden;
        if (fits) {
            return new Telling(known ? decided : decided.map(any -> Change.Kind.CREATED), false);
        }
        return new Telling(decided.filter(any -> known), true);
    }
}
