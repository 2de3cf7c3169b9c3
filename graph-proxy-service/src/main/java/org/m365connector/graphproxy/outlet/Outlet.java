package org.m365connector.graphproxy.outlet;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;

/**
 * A bounded queue to Kafka. Whoever offers something never waits, neither for Kafka nor for the making of the record; what
 * does not fit, or cannot be sent, is dropped and counted.
 *
 * <p>What is offered goes out at once; or, where that is good enough, is gathered for a moment: waking a thread for each record
 * would cost whoever offers it more than all the rest.
 */
public final class Outlet implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Outlet.class);
    private static final long LOOK_EVERY_MILLIS = 200;
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private final String name;
    private final BlockingQueue<Supplier<Optional<ProducerRecord<String, byte[]>>>> queue;
    private final KafkaProducer<String, byte[]> producer;
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private final Duration gathering;
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean closed;

    /**
     * What is offered goes out at once.
     *
     * @param kafkaConfig the connection
     * @param more settings of the producer
     */
    public Outlet(String name, Map<String, Object> kafkaConfig, Map<String, Object> more, int capacity) {
        this(name, kafkaConfig, more, capacity, Duration.ZERO);
    }

    /** @param gathering for how long at most what is offered may lie before it is looked at; zero: it is not to lie */
    public Outlet(
            String name, Map<String, Object> kafkaConfig, Map<String, Object> more, int capacity, Duration gathering) {
        this.name = name;
        this.gathering = gathering;
        queue = new ArrayBlockingQueue<>(capacity);
        Map<String, Object> config = new HashMap<>(kafkaConfig);
        config.put(ProducerConfig.CLIENT_ID_CONFIG, name);
        config.putAll(more);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        thread = new Thread(this::run, "outlet-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * @param record made when it goes out; empty where it is not worth sending any more
     * @return whether it was taken
     */
    public boolean offer(Supplier<Optional<ProducerRecord<String, byte[]>>> record) {
        boolean taken = !closed && queue.offer(record);
        if (!taken) {
            dropped.incrementAndGet();
        } else if (closed) {
            dropTheRest();
        }
        return taken;
    }

    /** What did not get to Kafka since the start. */
    public long dropped() {
        return dropped.get();
    }

    public long sent() {
        return sent.get();
    }

    public int waiting() {
        return queue.size();
    }

    private void run() {
        while (!closed && (!closing || !queue.isEmpty())) {
            try {
                Supplier<Optional<ProducerRecord<String, byte[]>>> next =
                        gathering.isZero() ? queue.poll(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS) : queue.poll();
                if (next != null) {
                    send(next);
                } else if (!gathering.isZero()) {
                    Thread.sleep(gathering.toMillis());
                }
            } catch (InterruptedException e) {
                // Only close() interrupts, and what is left then is not waited for.
                return;
            }
        }
    }

    private void send(Supplier<Optional<ProducerRecord<String, byte[]>>> next) {
        try {
            Optional<ProducerRecord<String, byte[]>> record = next.get();
            if (record.isEmpty()) {
                dropped.incrementAndGet();
                return;
            }
            var unused = producer.send(record.get(), (metadata, failure) -> {
                if (failure == null) {
                    sent.incrementAndGet();
                } else {
                    drop(failure);
                }
            });
        } catch (RuntimeException e) {
            // Kafka's client also throws what it could not send; nothing may end this thread.
            drop(e);
        }
    }

    private void drop(Exception failure) {
        dropped.incrementAndGet();
        LOG.debugf("not sent outlet=%s cause=%s", name, failure.getClass().getSimpleName());
    }

    private void dropTheRest() {
        while (queue.poll() != null) {
            dropped.incrementAndGet();
        }
    }

    /** Sends what there is, for a moment; the rest is dropped and counted. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(FAREWELL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closed = true;
        thread.interrupt();
        dropTheRest();
        // What it has of us it gives back now, each of them as a failure.
        producer.close(FAREWELL);
        try {
            thread.join(FAREWELL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
