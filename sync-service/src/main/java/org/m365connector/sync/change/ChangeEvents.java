package org.m365connector.sync.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
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
import org.m365connector.sync.watch.Wishes;

/** Writes changes to the outbox, as the portal is to hear of them. */
@ApplicationScoped
class ChangeEvents {
    private final ActionLedger actions;
    private final Outbox outbox;
    private final ChangeConfig config;
    private final Clock clock;

    ChangeEvents(ActionLedger actions, Outbox outbox, ChangeConfig config, Clock clock) {
        this.actions = actions;
        this.outbox = outbox;
        this.config = config;
        this.clock = clock;
    }

    /** @return false where the portal is not to hear of it */
    @Transactional(TxType.MANDATORY)
    boolean tell(
            Container container,
            Watch carrier,
            Wishes wishes,
            Item item,
            Decision decision,
            Optional<KnownResource> row) {
        Optional<Change.Kind> event =
                Telling.of(carrier, wishes, item, decision, row).event();
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
}
