package org.m365connector.sync.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.m365connector.events.Change;
import org.m365connector.events.Event;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;
import org.m365connector.sync.action.ActionLedger;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Containers;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.WatchKind;
import org.m365connector.sync.watch.Watches;
import org.m365connector.sync.watch.Wishes;

/** The one path by which changes come into being: all in the transaction in which the round notes how far it has got. */
@ApplicationScoped
public class ChangeLog {
    /** Graph shows no older messages of a channel, so their absence from a full scan means nothing. */
    private static final Period CHANNEL_HORIZON = Period.ofMonths(8);

    private final Containers containers;
    private final KnownResources known;
    private final Watches watches;
    private final ChangeConfig config;
    private final ActionLedger actions;
    private final Outbox outbox;
    private final Clock clock;

    ChangeLog(
            Containers containers,
            KnownResources known,
            Watches watches,
            ActionLedger actions,
            Outbox outbox,
            ChangeConfig config,
            Clock clock) {
        this.containers = containers;
        this.known = known;
        this.watches = watches;
        this.config = config;
        this.actions = actions;
        this.outbox = outbox;
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
            told += tell(container, carrier, wishes, item, decision, row) ? 1 : 0;
            before.put(item.id(), remember(container, carrier, wishes, item, decision, row));
        }
        return told;
    }

    private static Optional<Instant> tellFrom(Container container) {
        boolean showsWhatIsOld = container.baseline() || container.kind().showsOldAnyTime();
        return showsWhatIsOld ? Optional.of(container.since()) : Optional.empty();
    }

    private Wishes wishes(Container container) {
        return Wishes.of(watches.living(container.id()));
    }

    /** Items of a page that will be told, with what people wrote, which is not on the page: asked for outside of any transaction. */
    @Transactional(TxType.REQUIRES_NEW)
    public List<Item> withoutContent(Container container, Watch carrier, List<Item> items) {
        Wishes wishes = wishes(container);
        if (!wishes.content()) {
            return List.of();
        }
        Map<String, KnownResource> before = known.of(container, ids(items));
        return items.stream()
                .filter(item -> !item.removed() && !item.resource().has(Item.BODY))
                .filter(item -> {
                    Optional<KnownResource> row = Optional.ofNullable(before.get(item.id()));
                    Decision decision =
                            Decision.of(item, row.map(KnownResource::known), tellFrom(container), Optional.of(true));
                    return telling(carrier, wishes, item, decision, row).event().isPresent();
                })
                .toList();
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
        tell(container, carrier, wishes, item, decision, row);
        remember(container, carrier, wishes, item, decision, row).unproven = !item.removed();
        return true;
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
        tell(
                container,
                carrier,
                wishes(container),
                gone.asRemoved(container),
                new Decision(true, Optional.of(Change.Kind.DELETED), gone.generation),
                Optional.of(gone));
        gone.gone(clock.instant());
    }

    private boolean beyondHorizon(Container container, Instant modifiedAt) {
        return container.kind() == WatchKind.CHANNEL
                && modifiedAt.isBefore(clock.instant()
                        .atZone(ZoneOffset.UTC)
                        .minus(CHANNEL_HORIZON)
                        .plusDays(1)
                        .toInstant());
    }

    private KnownResource remember(
            Container container,
            Watch carrier,
            Wishes wishes,
            Item item,
            Decision decision,
            Optional<KnownResource> row) {
        boolean hidden = telling(carrier, wishes, item, decision, row).hidden();
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

    private static Telling telling(
            Watch carrier, Wishes wishes, Item item, Decision decision, Optional<KnownResource> row) {
        return Telling.of(
                decision.event(),
                row.filter(before -> before.hidden).isPresent(),
                wishes.wanting(item.resource(), carrier).isPresent());
    }

    /** @return false where the portal is not to hear of it */
    private boolean tell(
            Container container,
            Watch carrier,
            Wishes wishes,
            Item item,
            Decision decision,
            Optional<KnownResource> row) {
        Optional<Change.Kind> event =
                telling(carrier, wishes, item, decision, row).event();
        Optional<String> cause = actions.causeOf(container.portal(), item.id());
        boolean echo = event.equals(Optional.of(Change.Kind.CREATED)) && cause.isPresent() && !wishes.own();
        if (event.isEmpty() || echo) {
            return false;
        }
        Change.Kind kind = event.get();
        Optional<List<String>> changed = kind == Change.Kind.UPDATED
                ? row.map(before -> FieldHashes.changed(before.fields, item.fields()))
                        .filter(Predicate.not(List::isEmpty))
                : Optional.empty();
        Change change = new Change(
                wishes.wanting(item.resource(), carrier).orElse(carrier.toldAs()),
                container.path(),
                resource(item, wishes.content()),
                changed,
                cause);
        outbox.add(
                Topics.changes(container.portal()),
                container.path(),
                new Event<>(
                        ChangeIds.of(
                                container.portal(),
                                container.path(),
                                item.id(),
                                decision.generation(),
                                item.etag(),
                                item.removed()),
                        URI.create("/m365/" + container.portal() + "/" + carrier.registration()),
                        kind.type(subject(container.kind())),
                        Optional.of(item.path()),
                        clock.instant(),
                        Map.of(Event.REGISTRATION, carrier.registration().value()),
                        change));
        return true;
    }

    private JsonNode resource(Item item, boolean content) {
        if (item.removed() || item.etag().isEmpty()) {
            return item.resource();
        }
        ObjectNode resource = item.resource().deepCopy();
        if (!content) {
            resource.remove(Item.BODY);
        } else if (resource.path(Item.BODY).path("content").asText().length() > config.longestContent()) {
            // A record on Kafka has its bounds, and the portal knows where to read it.
            ((ObjectNode) resource.path(Item.BODY)).put("omitted", "too-long").remove("content");
        }
        return resource.put("etag", item.etag());
    }

    private static String subject(WatchKind kind) {
        return switch (kind) {
            case MAIL_FOLDER -> Change.MAIL;
            case MAILBOX -> Change.MAIL_FOLDER;
            case CONTACTS -> Change.CONTACT;
            case DRIVE -> Change.DRIVE_ITEM;
            case CHANNEL -> Change.CHANNEL_MESSAGE;
            case CALENDAR -> Change.EVENT;
            case TEAM -> Change.CHANNEL;
            case CHATS -> Change.CHAT;
            case CHAT -> Change.CHAT_MESSAGE;
        };
    }

    private static List<String> ids(List<Item> items) {
        return items.stream().map(Item::id).toList();
    }
}
