package org.m365connector.sync.change;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.events.Change;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.Watches;
import org.m365connector.sync.watch.Wishes;

/**
 * The one path by which changes come into being: all in the transaction in which the round notes how far it has got. What must be asked
 * before is {@link Doubts}'.
 */
@ApplicationScoped
public class ChangeLog {
    private final KnownResources known;
    private final Watches watches;
    private final ChangeEvents events;
    private final Clock clock;

    ChangeLog(KnownResources known, Watches watches, ChangeEvents events, Clock clock) {
        this.known = known;
        this.watches = watches;
        this.events = events;
        this.clock = clock;
    }

    /**
     * Applies a page.
     *
     * @param carrier the watch that the change is said to be of
     * @param there answers for the doubtful ones
     * @return how many events were written
     */
    @Transactional(TxType.MANDATORY)
    public int apply(Container container, Watch carrier, List<Item> items, Map<String, Boolean> there) {
        Map<String, KnownResource> before = new HashMap<>(known.of(container, ids(items)));
        Optional<Instant> tellFrom = tellFrom(container);
        Wishes wishes = wishes(container);
        int told = 0;
        for (Item item : items) {
            Optional<KnownResource> row = Optional.ofNullable(before.get(item.id()));
            row.ifPresent(seen -> {
                seen.unproven = false;
                seen.caughtUp(item);
            });
            row.filter(seen -> !item.removed()).ifPresent(seen -> seen.shown(container, item.series()));
            row.ifPresent(seen -> Occurrences.note(container, seen));
            Decision decision = Decision.of(
                    item, row.map(KnownResource::known), tellFrom, Optional.ofNullable(there.get(item.id())));
            if (!decision.remember()) {
                continue;
            }
            if (row.filter(seen -> Occurrences.isVersionOfSeriesOnly(item, decision, seen))
                    .isPresent()) {
                remember(container, carrier, wishes, item, decision, row);
                continue;
            }
            told += events.tell(container, carrier, wishes, item, decision, row) ? 1 : 0;
            before.put(item.id(), remember(container, carrier, wishes, item, decision, row));
        }
        return told;
    }

    /** From when on things are told in the first round, and where a container may show old ones at any time. */
    static Optional<Instant> tellFrom(Container container) {
        boolean showsWhatIsOld = container.baseline() || container.kind().showsOldAnyTime();
        return showsWhatIsOld ? Optional.of(container.since()) : Optional.empty();
    }

    private Wishes wishes(Container container) {
        return Wishes.of(watches.living(container.id()));
    }

    /**
     * Applies what a notification's content shows, before any round has. Only what is beyond doubt: where an older state cannot be
     * told from a newer one, the round decides. What is told here stays unproven until a round has shown it.
     *
     * @return whether the portal knows this state now; otherwise a round is needed
     */
    @Transactional(TxType.MANDATORY)
    public boolean applyEarly(Container container, Watch carrier, Item item) {
        Optional<KnownResource> row =
                Optional.ofNullable(known.of(container, List.of(item.id())).get(item.id()));
        Optional<Known> before = row.map(KnownResource::known);
        if (Decision.needsConfirmation(item, before) || (row.isEmpty() && item.removed())) {
            return false;
        }
        boolean same = before.filter(seen -> !seen.deleted() && seen.etag().equals(item.etag()))
                .isPresent();
        if (same) {
            return true;
        }
        boolean newest = item.removed()
                || before.filter(seen -> !item.modifiedAt().isAfter(seen.modifiedAt()))
                        .isEmpty();
        Decision decision = Decision.of(item, before, Optional.empty(), Optional.empty());
        Wishes wishes = wishes(container);
        boolean whole = item.removed() || !wishes.content() || item.resource().has(Item.BODY);
        if (!newest || !whole || !decision.remember()) {
            return false;
        }
        events.tell(container, carrier, wishes, item, decision, row);
        remember(container, carrier, wishes, item, decision, row).unproven = !item.removed();
        return true;
    }

    /**
     * The end of a round: what was told from notifications and no page has shown is there, or is gone.
     *
     * @param there Graph's answers
     */
    @Transactional(TxType.MANDATORY)
    public int prove(Container container, Watch carrier, Map<String, Boolean> there) {
        int told = 0;
        for (KnownResource row : known.unproven(container)) {
            Optional<Boolean> answer = Optional.ofNullable(there.get(row.resourceId));
            if (answer.isPresent()) {
                row.unproven = false;
            }
            if (answer.filter(found -> !found).isPresent()) {
                tellGone(container, carrier, row);
                told++;
            }
        }
        return told;
    }

    /**
     * What a full scan has not shown, or the changes of a series, or no round since a notification named it, but is there: as it is
     * by a look at each of them.
     *
     * @param outside ids of what lies outside of a window that moves
     */
    @Transactional(TxType.MANDATORY)
    public int applyMissed(Container container, Watch carrier, List<Item> there, Set<String> outside) {
        Map<String, Boolean> found = there.stream()
                .filter(item -> !item.removed())
                .collect(Collectors.toMap(Item::id, item -> true, (one, other) -> one));
        int told = apply(container, carrier, there, found);
        if (container.kind().namesItems()) {
            known.of(container, found.keySet()).values().forEach(row -> row.ahead = !row.deleted());
        }
        known.of(container, outside).values().forEach(KnownResource::goneOutside);
        return told;
    }

    /** The end of a full scan: these are gone. */
    @Transactional(TxType.MANDATORY)
    public int applyAbsence(Container container, Watch carrier, List<Item> gone) {
        Map<String, KnownResource> before = known.of(container, ids(gone));
        int told = 0;
        for (Item item : gone) {
            KnownResource row = before.get(item.id());
            if (row == null || row.deleted()) {
                continue;
            }
            tellGone(container, carrier, row);
            told++;
        }
        return told;
    }

    /**
     * The container itself is gone, and what is known of it with it: so many of them.
     *
     * @return ids of those; none when nothing is left
     */
    @Transactional(TxType.MANDATORY)
    public List<String> applyEnd(Container container, Watch carrier, int most) {
        List<KnownResource> rows = known.live(container, most);
        rows.forEach(row -> tellGone(container, carrier, row));
        return rows.stream().map(row -> row.resourceId).toList();
    }

    private void tellGone(Container container, Watch carrier, KnownResource gone) {
        events.tell(
                container,
                carrier,
                wishes(container),
                gone.asRemoved(container),
                new Decision(true, Optional.of(Change.Kind.DELETED), gone.generation),
                Optional.of(gone));
        gone.gone(clock.instant());
    }

    private KnownResource remember(
            Container container,
            Watch carrier,
            Wishes wishes,
            Item item,
            Decision decision,
            Optional<KnownResource> row) {
        boolean hidden = Telling.of(carrier, wishes, item, decision, row).hidden();
        KnownResource resource = row.orElseGet(() -> {
            KnownResource made = new KnownResource();
            made.containerId = container.id();
            made.resourceId = item.id();
            return made;
        });
        resource.place = place(container, item);
        resource.generation = decision.generation();
        resource.hidden = hidden;
        resource.scan = container.scan();
        if (item.removed()) {
            resource.gone(clock.instant());
            if (row.isEmpty()) {
                resource.etag = item.etag();
                resource.modifiedAt = item.modifiedAt();
                resource.fields = FieldHashes.of(Map.of());
            }
        } else {
            resource.live();
            resource.etag = item.etag();
            resource.modifiedAt = item.modifiedAt();
            resource.fields = FieldHashes.of(item.fields());
            resource.series = item.series().orElse(null);
        }
        Occurrences.note(container, resource);
        if (row.isEmpty()) {
            known.persist(resource);
        }
        return resource;
    }

    /** Where a resource vanishes without a word, only this tells where it was. */
    private static String place(Container container, Item item) {
        String prefix = container.kind().items(container.path());
        boolean isMore = item.path().startsWith(prefix) && !item.path().equals(prefix + item.id());
        return isMore ? item.path().substring(prefix.length()) : null;
    }

    private static List<String> ids(List<Item> items) {
        return items.stream().map(Item::id).toList();
    }
}
