package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.tokens.TokenIssuer;

/** All subscriptions, and what they are told. */
public final class Subscriptions {

    private final Switches switches;
    private final Clock clock;
    private final NotificationFaults faults = new NotificationFaults();
    private final Webhooks webhooks;
    private final Delivery delivery;
    private final Map<String, Subscription> byId = new LinkedHashMap<>();
    private long notifications;

    public Subscriptions(Vertx vertx, TokenIssuer tokens, Switches switches, Clock clock) {
        this.switches = switches;
        this.clock = clock;
        this.webhooks = new Webhooks(vertx);
        this.delivery =
                new Delivery(webhooks, new ValidationTokens(tokens, switches), switches, faults, clock, this::missed);
    }

    Webhooks webhooks() {
        return webhooks;
    }

    public void reset() {
        byId.clear();
        faults.reset();
        delivery.reset();
    }

    /** To be called again and again: things run out and fall due. */
    public void tick() {
        Instant now = clock.instant();
        byId.values().removeIf(subscription -> !subscription.expiresAt.isAfter(now));
        if (switches.flag("lifecycle.automatic")) {
            boolean held = switches.flag("delivery.holdWhenTokenExpired");
            byId.values().forEach(subscription -> askForReauthorization(subscription, now, held));
        }
        delivery.tick();
    }

    /** Once, when three quarters of its life are over, or of its token's where notifications wait for a fresh one. */
    private void askForReauthorization(Subscription subscription, Instant now, boolean held) {
        if (subscription.reauthorizationAsked) {
            return;
        }
        boolean due = lastQuarter(subscription.grantedAt, subscription.expiresAt, now)
                || (held && lastQuarter(subscription.authorizedAt, subscription.tokenExpiresAt, now));
        if (due) {
            subscription.reauthorizationAsked = true;
            delivery.lifecycle(subscription, Notification.lifecycle(subscription, "reauthorizationRequired"));
        }
    }

    private static boolean lastQuarter(Instant from, Instant until, Instant now) {
        long life = until.toEpochMilli() - from.toEpochMilli();
        return now.toEpochMilli() >= until.toEpochMilli() - life / 4;
    }

    public void on(Change change) {
        for (Subscription subscription : alive()) {
            Optional<ChangeType> type = subscription.target.concerns(change);
            if (type.isPresent() && subscription.changeTypes.contains(type.get())) {
                ObjectNode item = Notification.change(subscription, change, type.get(), notifications++);
                subscription
                        .resourceData
                        .flatMap(data -> data.encrypted(change, type.get(), switches.text("rich.content")))
                        .ifPresent(content -> item.set("encryptedContent", content));
                delivery.change(subscription, item);
            }
        }
    }

    /** Outlook says so when notifications were lost. */
    private void missed(Subscription subscription) {
        if (subscription.target.life().equals("outlook")) {
            delivery.lifecycle(subscription, Notification.lifecycle(subscription, "missed"));
        }
    }

    List<Subscription> alive() {
        Instant now = clock.instant();
        byId.values().removeIf(subscription -> !subscription.expiresAt.isAfter(now));
        return new ArrayList<>(byId.values());
    }

    Optional<Subscription> find(String id) {
        Instant now = clock.instant();
        return Optional.ofNullable(byId.get(id)).filter(subscription -> subscription.expiresAt.isAfter(now));
    }

    boolean exists(String app, Target target, Set<ChangeType> types) {
        String name = target.toString();
        return alive().stream().anyMatch(subscription -> subscription.sameAs(app, name, types));
    }

    void add(Subscription subscription) {
        byId.put(subscription.id, subscription);
    }

    void remove(Subscription subscription) {
        byId.remove(subscription.id);
    }

    // The control door.

    /**
     * {@code {drop?, duplicate?, reorder?, delayMs?, probability?, times?, pause?, lifecycle?: {event, subscriptionId?}}}:
     * sets what is named. A lifecycle event goes to one subscription or to all; {@code subscriptionRemoved} removes it.
     */
    public ObjectNode control(JsonNode wanted) {
        faults.change(wanted);
        JsonNode lifecycle = wanted.path("lifecycle");
        if (lifecycle.isObject()) {
            String event = Notification.eventName(lifecycle.path("event").asText());
            String only = lifecycle.path("subscriptionId").asText("");
            for (Subscription subscription : alive()) {
                if (only.isEmpty() || subscription.id.equals(only)) {
                    delivery.lifecycle(subscription, Notification.lifecycle(subscription, event));
                    if (event.equals("subscriptionRemoved")) {
                        remove(subscription);
                    }
                }
            }
        }
        return shown();
    }

    public void withoutFaults() {
        faults.reset();
    }

    /** {@code {faults, subscriptions: [...], waiting, retrying, endpoints, log: [...]}}. */
    public ObjectNode shown() {
        ObjectNode shown = Json.object();
        shown.set("faults", faults.shown());
        alive().forEach(subscription -> shown.withArray("subscriptions").add(subscription.shown(false)));
        shown.setAll(delivery.shown());
        return shown;
    }
}
