package org.m365connector.sync.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.m365connector.events.Change;
import org.m365connector.events.Event;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;
import org.m365connector.sync.action.ActionLedger;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.Watch;
import org.m365connector.sync.watch.WatchKind;

/** The one path by which changes come into being: all in the transaction in which the round notes how far it has got. */
@ApplicationScoped
public class ChangeLog {
    /** Graph shows no older messages of a channel, so their absence from a full scan means nothing. */
    private static final Period CHANNEL_HORIZON = Period.ofMonths(8);

    private final KnownResources known;
    private final ActionLedger actions;
    private final Outbox outbox;
    private final Clock clock;

    ChangeLog(KnownResources known, ActionLedger actions, Outbox outbox, Clock clock) {
        this.known = known;
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

    /**
     * Whether something new on this page may be of an action of ours that is still waiting for Graph's answer, and so for its id.
     * To be asked after the page was read: what is posted later is not on it.
     */
    @Transactional(TxType.REQUIRES_NEW)
    public boolean ownMayBeAmong(Container container, List<Item> items) {
        if (container.kind() != WatchKind.CHANNEL) {
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
        Optional<Instant> tellFrom = container.baseline() ? Optional.of(container.since()) : Optional.empty();
        int told = 0;
        for (Item item : items) {
            Optional<KnownResource> row = Optional.ofNullable(before.get(item.id()));
            row.filter(seen -> !item.removed()).ifPresent(seen -> seen.scan = container.scan());
            Decision decision = Decision.of(
                    item, row.map(KnownResource::known), tellFrom, Optional.ofNullable(there.get(item.id())));
            if (!decision.remember()) {
                continue;
            }
            if (decision.event().isPresent()) {
                tell(container, carrier, item, decision, row);
                told++;
            }
            before.put(item.id(), remember(container, item, decision, row));
        }
        return told;
    }

    /** The end of a full scan: what it has not shown is gone. */
    @Transactional(TxType.MANDATORY)
    public int applyAbsence(Container container, Watch carrier) {
        int told = 0;
        for (KnownResource gone : known.unseen(container)) {
            if (beyondHorizon(container, gone.modifiedAt)) {
                continue;
            }
            Item item = removedItem(container, gone);
            tell(
                    container,
                    carrier,
                    item,
                    new Decision(true, Optional.of(Change.Kind.DELETED), gone.generation),
                    Optional.of(gone));
            gone.gone(clock.instant());
            told++;
        }
        return told;
    }

    private boolean beyondHorizon(Container container, Instant modifiedAt) {
        return container.kind() == WatchKind.CHANNEL
                && modifiedAt.isBefore(clock.instant()
                        .atZone(ZoneOffset.UTC)
                        .minus(CHANNEL_HORIZON)
                        .plusDays(1)
                        .toInstant());
    }

    private static Item removedItem(Container container, KnownResource gone) {
        return new Item(
                gone.resourceId,
                messages(container) + Objects.requireNonNullElse(gone.place, gone.resourceId),
                true,
                "",
                gone.modifiedAt,
                gone.modifiedAt,
                JsonNodeFactory.instance.objectNode().put("id", gone.resourceId),
                Map.of());
    }

    private KnownResource remember(Container container, Item item, Decision decision, Optional<KnownResource> row) {
        KnownResource resource = row.orElseGet(() -> {
            KnownResource made = new KnownResource();
            made.containerId = container.id();
            made.resourceId = item.id();
            return made;
        });
        resource.place = place(container, item);
        resource.generation = decision.generation();
        resource.scan = container.scan();
        if (item.removed()) {
            resource.gone(clock.instant());
        } else {
            resource.live();
            resource.etag = item.etag();
            resource.modifiedAt = item.modifiedAt();
            resource.fields = FieldHashes.of(item.fields());
        }
        if (row.isEmpty()) {
            known.persist(resource);
        }
        return resource;
    }

    private static String messages(Container container) {
        return container.path() + "/messages/";
    }

    /** Where a resource vanishes without a word, only this tells where it was. */
    private static String place(Container container, Item item) {
        String prefix = messages(container);
        boolean isMore = item.path().startsWith(prefix) && !item.path().equals(prefix + item.id());
        return isMore ? item.path().substring(prefix.length()) : null;
    }

    private void tell(Container container, Watch carrier, Item item, Decision decision, Optional<KnownResource> row) {
        Change.Kind kind = decision.event().orElseThrow();
        Optional<List<String>> changed = kind == Change.Kind.UPDATED
                ? row.map(before -> FieldHashes.changed(before.fields, item.fields()))
                        .filter(Predicate.not(List::isEmpty))
                : Optional.empty();
        Change change = new Change(
                carrier.id(),
                container.path(),
                resource(item),
                changed,
                actions.causeOf(container.portal(), item.id()));
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
    }

    private static JsonNode resource(Item item) {
        if (item.removed() || item.etag().isEmpty()) {
            return item.resource();
        }
        ObjectNode withEtag = item.resource().deepCopy();
        return withEtag.put("etag", item.etag());
    }

    private static String subject(WatchKind kind) {
        return switch (kind) {
            case MAIL_FOLDER -> Change.MAIL;
            case CHANNEL -> Change.CHANNEL_MESSAGE;
        };
    }

    private static List<String> ids(List<Item> items) {
        return items.stream().map(Item::id).toList();
    }
}
