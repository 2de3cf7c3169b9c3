package org.m365connector.outbox;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Status;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionManager;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.Reading;
import org.m365connector.events.TombstoneVersion;
import org.m365connector.events.Topics;

/**
 * Processes one record of an {@code @Incoming} method: when {@code process} returns, the record's effect is committed and
 * the record may be acknowledged.
 *
 * <pre>{@code
 * @Incoming("actions")
 * @Blocking
 * void on(ConsumerRecord<String, byte[]> record) {
 *     consumption.process(record, consumed -> actions.receive(consumed.portal(), consumed.as(MailSend.class)));
 * }
 * }</pre>
 *
 * <ul>
 *   <li>The handler runs in a new transaction together with the inbox: an event that came before is skipped.
 *   <li>Poison goes to the dead letter at once: what {@link EventCodec} cannot read, an id used again with other data, and
 *       what the handler calls poison by throwing {@link PoisonException}, and what the database cannot store by its nature.
 *   <li>Whatever else the handler throws means that something is away. The record waits and is tried again, after 0.2 s
 *       up to 5 s, as long as it takes; what comes behind it waits too.
 * </ul>
 *
 * A repeat may differ from the first event in time, deadline and trace, and in how its JSON is laid out, but in nothing else.
 */
@ApplicationScoped
public class Consumption {

    /** What is done with an event, in a transaction. It may run again for the same event if it threw. */
    @FunctionalInterface
    public interface Handler {
        void handle(Consumed consumed) throws Exception;
    }

    /** What is done when a key is gone, once for each place in the topic's log, for a tombstone has no id. */
    @FunctionalInterface
    public interface TombstoneHandler {
        void handle(Removed removed) throws Exception;
    }

    /** What is done with a record that is taken as it is, in a transaction. It may run again for the same record if it threw. */
    @FunctionalInterface
    public interface RecordHandler {
        void handle(ConsumerRecord<String, byte[]> record) throws Exception;
    }

    /** A key of a compacted topic that is gone. */
    public record Removed(Optional<PortalId> portal, String key, ConsumerRecord<String, byte[]> raw) {

        /**
         * As of which version; empty where it was an operator's hand.
         *
         * @throws PoisonException where what the record says is not a number
         */
        public OptionalLong version() {
            try {
                return TombstoneVersion.of(raw);
            } catch (NumberFormatException e) {
                throw new PoisonException("the version is not a number");
            }
        }
    }

    private static final Logger LOG = Logger.getLogger(Consumption.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Outbox outbox;
    private final Inbox inbox;
    private final TransactionManager transactions;
    private final MeterRegistry meters;
    private final AtomicInteger waiting = new AtomicInteger();
    private final CountDownLatch stopped = new CountDownLatch(1);

    public Consumption(Outbox outbox, Inbox inbox, TransactionManager transactions, MeterRegistry meters) {
        this.outbox = outbox;
        this.inbox = inbox;
        this.transactions = transactions;
        this.meters = meters;
        meters.gauge("m365.consumption.waiting", waiting);
    }

    /** Processes a record of a topic that has no tombstones; one that comes all the same is poison. */
    public void process(ConsumerRecord<String, byte[]> record, Handler handler) {
        process(record, handler, removed -> {
            throw new PoisonException("a record without a value has no meaning on this topic");
        });
    }

    /** Processes a record of a compacted topic. */
    public void process(ConsumerRecord<String, byte[]> record, Handler handler, TombstoneHandler tombstoneHandler) {
        requireNoTransaction();
        TraceContext.enter(record);
        try {
            untilItIsDone(record, () -> processOnce(record, handler, tombstoneHandler));
        } finally {
            TraceContext.leave();
        }
    }

    /**
     * Takes a record as it is, whatever it holds: once for each place in the topic's log. What is not wanted leaves no trace.
     *
     * @param wanted asked in the transaction, before anything is noted
     */
    public void take(
            ConsumerRecord<String, byte[]> record,
            Predicate<ConsumerRecord<String, byte[]>> wanted,
            RecordHandler handler) {
        requireNoTransaction();
        untilItIsDone(record, () -> {
            try {
                inTransaction(() -> {
                    if (wanted.test(record) && inbox.firstTime(place(record, "taken:"), new byte[0])) {
                        handler.handle(record);
                    }
                });
            } catch (Exception e) {
                if (!Storable.isRefusedByNature(e)) {
                    throw e;
                }
                LOG.warnf(e, "Record cannot be stored topic=%s partition=%d", record.topic(), record.partition());
                putAside(record, "it holds a value that the database cannot store");
            }
        });
    }

    /** Lets waiting records go, unacknowledged: they come again after the next start. */
    void stop(@Observes ShutdownEvent event) {
        stop();
    }

    void stop() {
        stopped.countDown();
    }

    private void processOnce(ConsumerRecord<String, byte[]> record, Handler handler, TombstoneHandler tombstoneHandler)
            throws Exception {
        Optional<PortalId> portal = Topics.portalOf(record.topic());
        Reading reading = Storable.isKey(record.key())
                ? EventCodec.read(record)
                : new Reading.Poison("the record's key contains NUL");
        try {
            if (reading instanceof Reading.Understood understood) {
                var consumed = new Consumed(portal, record.key(), understood.event(), record);
                inTransaction(() -> handleFirstTime(consumed, handler));
            } else if (reading instanceof Reading.Tombstone) {
                inTransaction(() -> handleTombstone(new Removed(portal, record.key(), record), tombstoneHandler));
            } else if (reading instanceof Reading.Poison poison) {
                putAside(record, poison.reason());
            }
        } catch (PoisonException | ReusedEventIdException e) {
            putAside(record, e.getMessage());
        } catch (Exception e) {
            if (!Storable.isRefusedByNature(e)) {
                throw e;
            }
            LOG.warnf(e, "Record cannot be stored topic=%s partition=%d", record.topic(), record.partition());
            putAside(record, "it holds a value that the database cannot store");
        }
    }

    private void handleFirstTime(Consumed consumed, Handler handler) throws Exception {
        Event<JsonNode> event = consumed.event();
        var key = new EventKey(consumed.portal(), event.source().toString(), event.id());
        if (inbox.firstTime(key, ContentHash.of(event))) {
            handler.handle(consumed);
        } else {
            meters.counter("m365.consumption.repeated", "topic", consumed.raw().topic())
                    .increment();
        }
    }

    /**
     * Once per place in the log. Otherwise a tombstone that comes again after a crash would undo what came behind it, and that
     * would then be skipped as a repeat.
     */
    private void handleTombstone(Removed removed, TombstoneHandler handler) throws Exception {
        if (inbox.firstTime(place(removed.raw(), "tombstone:"), new byte[0])) {
            handler.handle(removed);
        }
    }

    private static EventKey place(ConsumerRecord<String, byte[]> record, String what) {
        String place = record.partition() + "/" + record.offset() + "/" + record.timestamp();
        return new EventKey(Topics.portalOf(record.topic()), what + record.topic(), place);
    }

    /** Once per place in the log: the record may come again if we die before it is acknowledged. */
    private void putAside(ConsumerRecord<String, byte[]> record, String reason) throws Exception {
        var key = place(record, "dead-letter:");
        inTransaction(() -> {
            if (inbox.firstTime(key, new byte[0])) {
                outbox.deadLetter(record, reason);
            }
        });
        LOG.warnf(
                "Record put aside topic=%s partition=%d offset=%d reason=%s",
                record.topic(), record.partition(), record.offset(), reason);
        meters.counter("m365.consumption.dead.letters", "topic", record.topic()).increment();
    }

    private void untilItIsDone(ConsumerRecord<String, byte[]> record, Work work) {
        Duration pause = FIRST_PAUSE;
        boolean failedBefore = false;
        while (true) {
            try {
                work.run();
                if (failedBefore) {
                    waiting.decrementAndGet();
                    LOG.infof(
                            "Record processed after waiting topic=%s partition=%d offset=%d",
                            record.topic(), record.partition(), record.offset());
                }
                return;
            } catch (Exception e) {
                if (!failedBefore) {
                    waiting.incrementAndGet();
                    failedBefore = true;
                    LOG.warnf(
                            e,
                            "Record waits topic=%s partition=%d offset=%d",
                            record.topic(),
                            record.partition(),
                            record.offset());
                } else {
                    LOG.debugf(e, "Record still waits topic=%s partition=%d", record.topic(), record.partition());
                }
            }
            if (stoppedWithin(pause)) {
                waiting.decrementAndGet();
                throw new StoppedException(record);
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private boolean stoppedWithin(Duration pause) {
        try {
            return stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void inTransaction(Work work) throws Exception {
        transactions.begin();
        boolean committed = false;
        try {
            work.run();
            transactions.commit();
            committed = true;
        } finally {
            if (!committed && transactions.getStatus() != Status.STATUS_NO_TRANSACTION) {
                transactions.rollback();
            }
        }
    }

    private void requireNoTransaction() {
        try {
            if (transactions.getStatus() != Status.STATUS_NO_TRANSACTION) {
                throw new IllegalStateException("process() makes its own transactions; the method around it has none");
            }
        } catch (SystemException e) {
            throw new IllegalStateException("The transaction manager does not answer", e);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    /** The application ends while a record waits. */
    static final class StoppedException extends RuntimeException {

        StoppedException(ConsumerRecord<String, byte[]> record) {
            super("stopped while a record of " + record.topic() + " waited");
        }
    }
}
