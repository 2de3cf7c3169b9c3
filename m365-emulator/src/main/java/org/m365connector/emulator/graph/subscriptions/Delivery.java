package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * Brings notifications to their endpoints: several items in a POST, in no particular order; 3 s for the first answer, 10 s for
 * later ones; again and again with growing pauses until 4 h have passed. While the token behind a subscription has run out its
 * notifications wait, as long as that, for a fresh one. An endpoint that is slow too often gets its
 * notifications late, one that is very slow too often loses them.
 */
final class Delivery {

    private static final int LOG_KEPT = 2000;
    private static final int ITEMS_IN_A_POST = 20;

    /** One item on its way. */
    private record Item(Subscription subscription, ObjectNode json, Instant happenedAt, Instant dueAt) {}

    /** Items that failed together are tried again together. */
    private static final class Batch {
        final String url;
        final List<Item> items;
        final Instant firstAt;
        int attempts;
        Instant dueAt;

        Batch(String url, List<Item> items, Instant now) {
            this.url = url;
            this.items = items;
            this.firstAt = now;
            this.dueAt = now;
        }
    }

    private final Webhooks webhooks;
    private final ValidationTokens tokens;
    private final Switches switches;
    private final NotificationFaults faults;
    private final Clock clock;
    private final Consumer<Subscription> lost;
    private final Random random = new Random(11);
    private final Map<String, List<Item>> waiting = new LinkedHashMap<>();
    private final List<Batch> retries = new ArrayList<>();
    private final Map<String, EndpointHealth> health = new LinkedHashMap<>();
    private final Deque<ObjectNode> log = new ArrayDeque<>();
    private int generation;

    /** @param lost told once for every subscription in a batch that was given up or dropped */
    Delivery(
            Webhooks webhooks,
            ValidationTokens tokens,
            Switches switches,
            NotificationFaults faults,
            Clock clock,
            Consumer<Subscription> lost) {
        this.webhooks = webhooks;
        this.tokens = tokens;
        this.switches = switches;
        this.faults = faults;
        this.clock = clock;
        this.lost = lost;
    }

    void reset() {
        waiting.clear();
        retries.clear();
        health.clear();
        log.clear();
        generation++;
    }

    void change(Subscription subscription, ObjectNode json) {
        if (faults.drops()) {
            note(subscription.notificationUrl, List.of(json), 0, "dropped by a fault");
            return;
        }
        int copies = faults.duplicates() ? 2 : 1;
        for (int n = 0; n < copies; n++) {
            Duration latency = switches.millis("delivery.latencyMillis").plusMillis(faults.extraMillis());
            enqueue(subscription.notificationUrl, subscription, json, latency);
        }
    }

    void lifecycle(Subscription subscription, ObjectNode json) {
        subscription.lifecycleUrl.ifPresent(url -> enqueue(url, subscription, json, Duration.ZERO));
    }

    private void enqueue(String url, Subscription subscription, ObjectNode json, Duration latency) {
        Instant now = clock.instant();
        Instant dueAt = now.plus(latency).plus(health(url).delay(now));
        waiting.computeIfAbsent(url, key -> new ArrayList<>()).add(new Item(subscription, json, now, dueAt));
    }

    private EndpointHealth health(String url) {
        return health.computeIfAbsent(url, key -> new EndpointHealth(switches));
    }

    /** Sends what is due. */
    void tick() {
        if (faults.pauses()) {
            return;
        }
        Instant now = clock.instant();
        // Of a copy: what is lost may be the first word to an endpoint, which is told that it missed something.
        for (Map.Entry<String, List<Item>> endpoint : List.copyOf(waiting.entrySet())) {
            giveUpHeld(endpoint.getKey(), endpoint.getValue(), now);
            EndpointHealth state = health(endpoint.getKey());
            List<Item> due = new ArrayList<>();
            endpoint.getValue().removeIf(item -> {
                boolean goes = !item.dueAt().isAfter(now) && !held(item, now);
                if (goes) {
                    due.add(item);
                }
                return goes;
            });
            if (due.isEmpty()) {
                continue;
            }
            if (state.drops(now)) {
                note(endpoint.getKey(), due.stream().map(Item::json).toList(), 0, "dropped, endpoint too slow");
                due.stream().map(Item::subscription).distinct().forEach(lost);
                continue;
            }
            Collections.shuffle(due, random);
            for (int from = 0; from < due.size(); from += ITEMS_IN_A_POST) {
                List<Item> part = due.subList(from, Math.min(from + ITEMS_IN_A_POST, due.size()));
                send(new Batch(endpoint.getKey(), List.copyOf(part), now));
            }
        }
        List<Batch> again = new ArrayList<>();
        retries.removeIf(batch -> {
            boolean due = !batch.dueAt.isAfter(now);
            if (due) {
                again.add(batch);
            }
            return due;
        });
        again.forEach(this::send);
    }

    /** While the token behind a subscription has run out, its notifications wait. */
    private boolean held(Item item, Instant now) {
        return switches.flag("delivery.holdWhenTokenExpired")
                && item.json().path("lifecycleEvent").isMissingNode()
                && item.subscription().tokenExpiresAt.isBefore(now);
    }

    private void giveUpHeld(String url, List<Item> items, Instant now) {
        Duration longest = switches.seconds("delivery.retryWindowSeconds");
        List<Item> over = items.stream()
                .filter(item ->
                        held(item, now) && item.happenedAt().plus(longest).isBefore(now))
                .toList();
        if (!over.isEmpty()) {
            items.removeAll(over);
            note(url, over.stream().map(Item::json).toList(), 0, "given up, the token has expired");
            over.stream().map(Item::subscription).distinct().forEach(lost);
        }
    }

    private void send(Batch batch) {
        batch.attempts++;
        ObjectNode body = Json.object();
        ArrayNode value = body.putArray("value");
        batch.items.forEach(item -> value.add(item.json()));
        tokens.addTo(
                body,
                batch.items.stream()
                        .filter(item -> item.json().has("encryptedContent"))
                        .map(Item::subscription)
                        .toList());
        Duration timeout =
                switches.seconds(batch.attempts == 1 ? "delivery.firstTimeoutSeconds" : "delivery.retryTimeoutSeconds");
        int sentIn = generation;
        long startedAt = System.nanoTime();
        webhooks.post(batch.url, "application/json; charset=utf-8", Buffer.buffer(body.toString()), timeout)
                .onComplete(done -> {
                    if (sentIn != generation) {
                        return;
                    }
                    Duration took = Duration.ofNanos(System.nanoTime() - startedAt);
                    health(batch.url).answered(clock.instant(), took);
                    boolean accepted = done.succeeded() && done.result().status() / 100 == 2;
                    String outcome = done.succeeded()
                            ? Integer.toString(done.result().status())
                            : String.valueOf(done.cause().getMessage());
                    note(batch.url, batch.items.stream().map(Item::json).toList(), batch.attempts, outcome);
                    if (!accepted) {
                        postpone(batch);
                    }
                });
    }

    private void postpone(Batch batch) {
        Instant now = clock.instant();
        Duration first = switches.seconds("delivery.backoffFirstSeconds");
        Duration most = switches.seconds("delivery.backoffMostSeconds");
        Duration pause = first.multipliedBy(1L << Math.min(batch.attempts - 1, 20));
        batch.dueAt = now.plus(pause.compareTo(most) > 0 ? most : pause);
        if (batch.dueAt.isAfter(batch.firstAt.plus(switches.seconds("delivery.retryWindowSeconds")))) {
            note(batch.url, batch.items.stream().map(Item::json).toList(), batch.attempts, "given up");
            batch.items.stream().map(Item::subscription).distinct().forEach(lost);
            return;
        }
        retries.add(batch);
    }

    private void note(String url, List<ObjectNode> items, int attempt, String outcome) {
        ObjectNode entry = Json.object()
                .put("at", Json.millis(clock.instant()))
                .put("url", url)
                .put("attempt", attempt)
                .put("outcome", outcome);
        entry.putArray("items").addAll(items);
        log.addLast(entry);
        if (log.size() > LOG_KEPT) {
            log.removeFirst();
        }
    }

    ObjectNode shown() {
        ObjectNode shown = Json.object();
        shown.put("waiting", waiting.values().stream().mapToInt(List::size).sum());
        shown.put(
                "retrying",
                retries.stream().mapToInt(batch -> batch.items.size()).sum());
        ObjectNode states = shown.putObject("endpoints");
        Instant now = clock.instant();
        health.forEach((url, state) -> states.put(url, state.name(now)));
        shown.putArray("log").addAll(log);
        return shown;
    }
}
