package org.m365connector.sync.change;

import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.Change;

/**
 * What a shown item means, given what is known of it. Plain rules:
 *
 * <pre>
 * shown      known            means
 * live       nothing          created; in the first round only if created since the watch began, updated if changed since
 * live       same etag        nothing
 * live       older            nothing: Graph replays
 * live       otherwise        updated
 * live       deleted          created anew if Graph confirms that it is there: a delta may lag behind a deletion
 * removed    live             deleted
 * removed    nothing          deleted, where it tells that it is older than the watch and went since it began
 * removed    deleted, nothing nothing otherwise
 * </pre>
 *
 * @param event what the portal is told; empty where it learns nothing new
 * @param generation to be remembered
 */
record Decision(boolean remember, Optional<Change.Kind> event, int generation) {
    private static final Decision NOTHING = new Decision(false, Optional.empty(), 0);

    /** Whether Graph must be asked for this one item before anything is decided. */
    static boolean needsConfirmation(Item item, Optional<Known> known) {
        if (known.isEmpty()) {
            return false;
        }
        boolean maybeReplayed = known.get().deleted() && !item.removed();
        boolean maybeOldRemoval =
                item.removed() && !known.get().deleted() && known.get().generation() > 1;
        boolean maybeLateRemoval =
                item.removed() && !known.get().deleted() && known.get().ahead();
        return maybeReplayed || maybeOldRemoval || maybeLateRemoval;
    }

    /**
     * Whether nobody can say which state is the newer one: it was told from a look at this one, the delta shows another one, and
     * Graph's times are no finer than that both have the same. Only another look tells.
     */
    static boolean isUndecided(Item item, Optional<Known> known) {
        return known.filter(before -> before.ahead()
                        && !before.deleted()
                        && !item.removed()
                        && !item.etag().equals(before.etag())
                        && item.modifiedAt().equals(before.modifiedAt()))
                .isPresent();
    }

    /**
     * @param tellFrom in the first round the moment from which on things are told
     * @param there what Graph said where {@link #needsConfirmation}
     */
    static Decision of(Item item, Optional<Known> known, Optional<Instant> tellFrom, Optional<Boolean> there) {
        if (item.removed()) {
            return known.isEmpty()
                            && tellFrom.filter(begin -> wentSince(item, begin)).isPresent()
                    ? new Decision(true, Optional.of(Change.Kind.DELETED), 1)
                    : removed(known, there);
        }
        if (known.isEmpty()) {
            return new Decision(
                    true, tellFrom.isEmpty() ? Optional.of(Change.Kind.CREATED) : begun(item, tellFrom.get()), 1);
        }
        Known before = known.get();
        if (before.deleted()) {
            return there.orElseGet(() -> newer(item, before))
                    ? new Decision(true, Optional.of(Change.Kind.CREATED), before.generation() + 1)
                    : NOTHING;
        }
        return newer(item, before)
                ? new Decision(true, Optional.of(Change.Kind.UPDATED), before.generation())
                : NOTHING;
    }

    private static Decision removed(Optional<Known> known, Optional<Boolean> there) {
        return known.filter(before -> !before.deleted() && !there.orElse(false))
                .map(before -> new Decision(true, Optional.of(Change.Kind.DELETED), before.generation()))
                .orElse(NOTHING);
    }

    private static boolean wentSince(Item item, Instant begin) {
        return item.createdAt().isBefore(begin) && !item.modifiedAt().isBefore(begin);
    }

    private static Optional<Change.Kind> begun(Item item, Instant tellFrom) {
        if (!item.createdAt().isBefore(tellFrom)) {
            return Optional.of(Change.Kind.CREATED);
        }
        return item.modifiedAt().isBefore(tellFrom) ? Optional.empty() : Optional.of(Change.Kind.UPDATED);
    }

    private static boolean newer(Item item, Known known) {
        return !item.etag().equals(known.etag()) && !item.modifiedAt().isBefore(known.modifiedAt());
    }
}
