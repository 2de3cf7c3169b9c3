package org.m365connector.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Topics;

/**
 * More notifications than the door can take, at fixed moments: what it answers, and whether everything that it said to have taken
 * is on the topic. In large POSTs over many connections, so that as much is on its way as the door refuses to hold.
 */
final class Overload {

    static final int ITEMS = 100;

    /** So much of what the door takes is offered; more than three times, since answers come late at the end. */
    private static final double OFFERED = 3.3;

    private static final int CONNECTIONS = 400;
    private static final Duration LENGTH = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Door door;
    private final double capacity;
    private final Map<Integer, AtomicLong> statuses = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Integer> taken = new ConcurrentLinkedQueue<>();
    private final AtomicLong broken = new AtomicLong();
    private final AtomicInteger number = new AtomicInteger(1);
    private final Histogram refusal = new ConcurrentHistogram(60_000_000, 3);

    /** @param capacity items a second that the door takes in POSTs of {@value #ITEMS} */
    Overload(Door door, double capacity) {
        this.door = door;
        this.capacity = capacity;
    }

    void measure(Report report) {
        try (KafkaConsumer<byte[], byte[]> topic = topic()) {
            topic.seekToEnd(topic.assignment());
            topic.assignment().forEach(topic::position);
            double seconds = send();
            long sent = statuses.values().stream().mapToLong(AtomicLong::get).sum();
            long accepted = count(202);
            report.beside("overload_offered_items_per_s", sent * ITEMS / seconds, "1/s");
            report.atLeast(3.0, "overload_offered_over_taken_before", sent * ITEMS / seconds / capacity);
            report.beside("overload_taken_items_per_s", accepted * ITEMS / seconds, "1/s");
            report.atLeast(0.5, "overload_taken_over_taken_before", accepted * ITEMS / seconds / capacity);
            report.beside("overload_503", count(503), "");
            report.exactly(0, "overload_other_answers", sent - accepted - count(503), "");
            report.exactly(0, "overload_broken_connections", broken.get(), "");
            report.below(1_000, "overload_503_p99_ms", refusal.getValueAtPercentile(99) / 1000.0, "ms");
            report.exactly(0, "overload_lost", lost(topic), "");
        }
    }

    private long count(int status) {
        return statuses.getOrDefault(status, new AtomicLong()).get();
    }

    private double send() {
        long interval = Math.round(1e9 * ITEMS / (OFFERED * capacity));
        long begin = System.nanoTime() + Duration.ofMillis(500).toNanos();
        long end = begin + LENGTH.toNanos();
        List<Callable<Void>> callers = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            long first = begin + i * interval;
            callers.add(() -> {
                sendFrom(first, CONNECTIONS * interval, end);
                return null;
            });
        }
        Load.together(callers);
        return (System.nanoTime() - begin) / 1e9;
    }

    private void sendFrom(long first, long interval, long end) {
        Notifications notifications = new Notifications(door.port(), ITEMS, ITEMS);
        long due = first;
        while (due < end && System.nanoTime() < end) {
            try (HttpCall call = new HttpCall(door.port())) {
                for (; due < end && System.nanoTime() < end; due += interval) {
                    while (System.nanoTime() < due) {
                        LockSupport.parkNanos(due - System.nanoTime());
                    }
                    sendOne(call, notifications);
                }
            } catch (IOException e) {
                broken.incrementAndGet();
                due += interval;
            }
        }
    }

    private void sendOne(HttpCall call, Notifications notifications) throws IOException {
        int mine = number.getAndIncrement();
        long begin = System.nanoTime();
        int status = call.ask(notifications.numbered(mine));
        statuses.computeIfAbsent(status, any -> new AtomicLong()).incrementAndGet();
        if (status == 202) {
            taken.add(mine);
        } else {
            refusal.recordValue(Math.min(60_000_000, (System.nanoTime() - begin) / 1000));
        }
    }

    /** How many items that were answered 202 are not on the topic. */
    private long lost(KafkaConsumer<byte[], byte[]> topic) {
        Map<TopicPartition, Long> ends = topic.endOffsets(topic.assignment());
        BitSet stored = new BitSet();
        while (ends.entrySet().stream().anyMatch(end -> topic.position(end.getKey()) < end.getValue())) {
            topic.poll(POLL).forEach(each -> stored.set(Math.toIntExact(item(each.value()))));
        }
        long lost = 0;
        for (int post : taken) {
            lost += ITEMS - stored.get(post * ITEMS, (post + 1) * ITEMS).cardinality();
        }
        return lost;
    }

    private static long item(byte[] hint) {
        try {
            return Notifications.item(
                    EventCodec.json().readTree(hint).path("resource").asText(), ITEMS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KafkaConsumer<byte[], byte[]> topic() {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", door.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(consumer.partitionsFor(Topics.NOTIFICATIONS).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList());
        return consumer;
    }
}
