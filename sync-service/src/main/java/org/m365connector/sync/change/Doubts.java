package org.m365connector.sync.change;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.sync.action.ActionLedger;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.WatchKind;
import org.m365connector.sync.watch.Watches;
import org.m365connector.sync.watch.Wishes;

/**
 * What Graph must be asked before a page can be applied or a round can end: single things of which a delta alone does not say enough. Each
 * answer here is a transaction of its own, and none is open while Graph is asked.
 */
@ApplicationScoped
public class Doubts {
    /** Graph shows no older messages of a channel, so their absence from a full scan means nothing. */
    private static final Period CHANNEL_HORIZON = Period.ofMonths(8);

    private final Containers containers;
    private final KnownResources known;
    private final Watches watches;
    private final ActionLedger actions;
    private final Clock clock;

    Doubts(Containers containers, KnownResources known, Watches watches, ActionLedger actions, Clock clock) {
        this.containers = containers;
        this.known = known;
        this.watches = watches;
        this.actions = actions;
        this.clock = clock;
    }

    /** Items for which Graph must be asked whether they are there, with its answer; asked outside of any transaction. */
    @Transactional(TxType.REQUIRES_NEW)
    public List<Item> doubtful(Container container, List<Item> items) {
        Map<String, KnownResource> before = known.of(container, ids(items));
        return items.stream()
                .filter(item -> Decision.needsConfirmation(
                        item, Optional.ofNullable(before.get(item.id())).map(KnownResource::known)))
                .toList();
    }

    /** Items that say less than a look at each of them; asked for outside of any transaction. */
    @Transactional(TxType.REQUIRES_NEW)
    public List<Item> undecided(Container container, List<Item> items) {
        if (!container.kind().namesItems()) {
            return List.of();
        }
        Map<String, KnownResource> before = known.of(container, ids(items));
        return items.stream()
                .filter(item -> Decision.isUndecided(
                        item, Optional.ofNullable(before.get(item.id())).map(KnownResource::known)))
                .toList();
    }

    /**
     * Whether something new on this page may be of an action of ours that is still waiting for Graph's answer, and so for its id.
     * To be asked after the page was read: what is posted later is not on it.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean ownMayBeAmong(Container container, List<Item> items) {
        if (container.kind() != WatchKind.CHANNEL && container.kind() != WatchKind.CHAT) {
            return false;
        }
        Map<String, KnownResource> before = known.of(container, ids(items));
        String channel = container.path().substring(container.path().lastIndexOf('/') + 1);
        return items.stream().anyMatch(item -> !item.removed() && !before.containsKey(item.id()))
                && actions.isPosting(container.portal(), channel);
    }

    /** Items of a page that will be told, with what people wrote, which is not on the page: asked for outside of any transaction. */
    @Transactional(TxType.REQUIRES_NEW)
    public List<Item> withoutContent(Container container, Watch carrier, List<Item> items) {
        Wishes wishes = Wishes.of(watches.living(container.id()));
        if (!wishes.content()) {
            return List.of();
        }
        Map<String, KnownResource> before = known.of(container, ids(items));
        return items.stream()
                .filter(item -> !item.removed() && !item.resource().has(Item.BODY))
                .filter(item -> {
                    Optional<KnownResource> row = Optional.ofNullable(before.get(item.id()));
                    Decision decision = Decision.of(
                            item, row.map(KnownResource::known), ChangeLog.tellFrom(container), Optional.of(true));
                    return Telling.of(carrier, wishes, item, decision, row)
                            .event()
                            .isPresent();
                })
                .toList();
    }

    /** What was told from notifications and is not among these: for each of them Graph must be asked, outside of any transaction. */
    @Transactional(TxType.REQUIRES_NEW)
    public List<Item> unproven(Container container, List<Item> shown) {
        List<String> ids = ids(shown);
        return known.unproven(container).stream()
                .filter(row -> !ids.contains(row.resourceId))
                .map(row -> row.asRemoved(container))
                .toList();
    }

    /**
     * What is known to be in the container and was not shown by the full scan that ends with these items; of what Graph may keep
     * to itself, nothing.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public List<Item> unseen(long containerId, List<Item> lastItems) {
        Container container = containers.findById(containerId);
        if (container.kind().way() == WatchKind.Way.TIMES) {
            return List.of();
        }
        Set<String> shown = new HashSet<>(ids(lastItems));
        return known.unseen(container).stream()
                .filter(gone -> !shown.contains(gone.resourceId) && !beyondHorizon(container, gone.modifiedAt))
                .map(gone -> gone.asRemoved(container))
                .toList();
    }

    private boolean beyondHorizon(Container container, Instant modifiedAt) {
        return container.kind() == WatchKind.CHANNEL
                && modifiedAt.isBefore(clock.instant()
                        .atZone(ZoneOffset.UTC)
                        .minus(CHANNEL_HORIZON)
                        .plusDays(1)
                        .toInstant());
    }

    private static List<String> ids(List<Item> items) {
        return items.stream().map(Item::id).toList();
    }
}
