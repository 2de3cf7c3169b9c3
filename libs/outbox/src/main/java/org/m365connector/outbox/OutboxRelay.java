package org.m365connector.outbox;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.apache.kafka.common.KafkaException;
import org.jboss.logging.Logger;

/**
 * Takes what is in the outbox to Kafka. One thread; how it keeps its promises stands in the package's description.
 *
 * <p>Meters, of which only the leader's say something: {@code m365.outbox.waiting} (rows), {@code m365.outbox.blocked} (rows
 * that the broker refused), {@code m365.outbox.oldest} (age in seconds), {@code m365.outbox.leader} (1 or 0), {@code
 * m365.outbox.published} and {@code m365.outbox.refused} (counters).
 */
final class OutboxRelay implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(OutboxRelay.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);
    private static final Duration BETWEEN_CLEANUPS = Duration.ofHours(1);

    private static final long NOT_LEADING = 0;

    private final RelaySettings settings;
    private final DataSource database;
    private final Map<String, Object> kafka;
    private final MeterRegistry meters;
    private final Lease lease;
    private final Wakeup wakeup;
    private final Thread thread = new Thread(this::run, "outbox-relay");
    private final CountDownLatch stopped = new CountDownLatch(1);

    private final AtomicReference<OutboxTable.Backlog> backlog =
            new AtomicReference<>(new OutboxTable.Backlog(0, 0, 0));
    private final AtomicInteger leader = new AtomicInteger();

    // Of the relay's thread only.
    private final Interval looks = new Interval(BETWEEN_LOOKS);
    private final Interval cleanups = new Interval(BETWEEN_CLEANUPS);
    private Publisher publisher;
    private Publisher.Packing packing = Publisher.Packing.TOGETHER;
    private long epoch = NOT_LEADING;
    private Duration pause = FIRST_PAUSE;

    /** @param kafka connection of a Kafka client; what the relay needs besides it sets itself */
    OutboxRelay(RelaySettings settings, DataSource database, Map<String, Object> kafka, MeterRegistry meters) {
        this.settings = settings;
        this.database = database;
        this.kafka = kafka;
        this.meters = meters;
        this.lease = new Lease(database, settings.name());
        this.wakeup = new Wakeup(database);
        meters.gauge("m365.outbox.waiting", backlog, seen -> seen.get().rows());
        meters.gauge("m365.outbox.blocked", backlog, seen -> seen.get().refused());
        meters.gauge("m365.outbox.oldest", backlog, seen -> seen.get().oldestSeconds());
        meters.gauge("m365.outbox.leader", leader);
    }

    void start() {
        thread.start();
    }

    /** Finishes the batch under way, gives the lease back and ends. */
    @Override
    public void close() {
        stopped.countDown();
        try {
            Wakeup.ring(database);
        } catch (SQLException e) {
            LOG.debug("Nobody rings, the relay ends with its next poll", e);
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (stopped.getCount() > 0) {
            try {
                turn();
            } catch (Publisher.EndlessSplitException e) {
                // For good: the topic with its low limit stays.
                packing = Publisher.Packing.SINGLY;
                trouble(e);
            } catch (SQLException | KafkaException e) {
                trouble(e);
            } catch (RuntimeException | Error e) {
                // Also an Error: a relay that is gone silently would stop every event of the service.
                LOG.error("Outbox relay failed unexpectedly", e);
                trouble(e);
            }
        }
        end();
    }

    private void turn() throws SQLException {
        OptionalLong held = lease.hold(settings.lease());
        if (held.isEmpty()) {
            follow();
            return;
        }
        lookAround();
        if (publisher == null || epoch != held.getAsLong()) {
            lead();
            // Opening may have taken long, so the lease is renewed before rows are selected.
            return;
        }
        List<OutboxRow> rows = nextBatch();
        if (rows.isEmpty()) {
            wakeup.await(settings.poll());
        } else {
            publish(rows);
        }
        calm();
    }

    private void follow() {
        if (epoch != NOT_LEADING) {
            LOG.infof("Outbox relay lost the lease name=%s epoch=%d", settings.name(), epoch);
            stepDown();
            epoch = NOT_LEADING;
        }
        pauseFor(settings.lease().dividedBy(3));
    }

    private void lead() throws SQLException {
        closePublisher();
        // As long as opening may take: two who open at the same time would fence each other for ever.
        OptionalLong held = lease.hold(settings.lease().plus(settings.patience()));
        if (held.isEmpty()) {
            return;
        }
        publisher = Publisher.open(settings.name(), kafka, settings.patience(), packing);
        epoch = held.getAsLong();
        deleteWhatHasReceipts();
        leader.set(1);
        LOG.infof("Outbox relay leads name=%s epoch=%d", settings.name(), epoch);
    }

    private void deleteWhatHasReceipts() throws SQLException {
        for (Receipt receipt : publisher.receipts()) {
            try (Connection connection = database.getConnection()) {
                if (receipt.isFor(OutboxTable.byIds(connection, receipt.ids()))) {
                    OutboxTable.delete(connection, receipt.ids());
                    LOG.infof(
                            "Outbox rows published by an earlier leader name=%s rows=%d",
                            settings.name(), receipt.ids().size());
                }
            }
        }
    }

    /** A row that was refused before goes alone, so that it takes nobody with it if it is refused again. */
    private List<OutboxRow> nextBatch() throws SQLException {
        try (Connection connection = database.getConnection()) {
            List<OutboxRow> rows = OutboxTable.due(connection, RelaySettings.BATCH_ROWS, RelaySettings.BATCH_BYTES);
            if (!rows.isEmpty() && rows.get(0).attempts() > 0) {
                return rows.subList(0, 1);
            }
            return rows.stream().takeWhile(row -> row.attempts() == 0).toList();
        }
    }

    private void publish(List<OutboxRow> rows) throws SQLException {
        Publisher.Outcome outcome = publisher.publish(rows);
        try (Connection connection = database.getConnection()) {
            if (outcome instanceof Publisher.Outcome.Published) {
                OutboxTable.delete(connection, rows.stream().map(OutboxRow::id).toList());
                meters.counter("m365.outbox.published").increment(rows.size());
            } else if (outcome instanceof Publisher.Outcome.Refused refused) {
                for (var entry : refused.reasons().entrySet()) {
                    refuse(connection, entry.getKey(), entry.getValue());
                }
            }
        }
    }

    private void refuse(Connection connection, OutboxRow row, String reason) throws SQLException {
        Duration retry = settings.retryAfter(row.attempts());
        OutboxTable.refused(connection, row.id(), reason, retry);
        String topic = row.record().topic();
        meters.counter("m365.outbox.refused", "topic", topic).increment();
        LOG.errorf(
                "Outbox row refused by Kafka, its key is blocked row=%d topic=%s attempts=%d retryIn=%s reason=%s",
                row.id(), topic, row.attempts() + 1, retry, reason);
    }

    /** Counts what waits, and now and then tidies the inbox. */
    private void lookAround() throws SQLException {
        if (looks.isOver()) {
            try (Connection connection = database.getConnection()) {
                backlog.set(OutboxTable.backlog(connection));
            }
        }
        if (cleanups.isOver()) {
            try (Connection connection = database.getConnection()) {
                // One slice a turn, so that publishing goes on in between.
                if (InboxCleanup.slice(connection, settings.inboxRetention())) {
                    cleanups.cutShort();
                }
            }
        }
    }

    private void trouble(Throwable e) {
        if (pause.equals(FIRST_PAUSE)) {
            LOG.warnf(e, "Outbox relay waits name=%s", settings.name());
        } else {
            LOG.debugf(e, "Outbox relay still waits name=%s", settings.name());
        }
        stepDown();
        pauseFor(pause);
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }

    private void calm() {
        if (!pause.equals(FIRST_PAUSE)) {
            LOG.infof("Outbox relay goes on name=%s", settings.name());
            pause = FIRST_PAUSE;
        }
    }

    private void stepDown() {
        closePublisher();
        leader.set(0);
        // What waits is the new leader's to tell.
        backlog.set(new OutboxTable.Backlog(0, 0, 0));
    }

    private void closePublisher() {
        if (publisher != null) {
            publisher.close();
            publisher = null;
        }
    }

    private void pauseFor(Duration duration) {
        try {
            // Ends early only when the relay is closed.
            if (stopped.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("Outbox relay ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped.countDown();
        }
    }

    private void end() {
        closePublisher();
        try {
            wakeup.close();
            lease.release();
        } catch (SQLException e) {
            LOG.debug("The lease ends by itself", e);
        }
    }

    /** Something that is done now and then, the first time at once. */
    private static final class Interval {

        private final Duration length;
        private long last;

        Interval(Duration length) {
            this.length = length;
            cutShort();
        }

        boolean isOver() {
            long now = System.nanoTime();
            if (now - last < length.toNanos()) {
                return false;
            }
            last = now;
            return true;
        }

        void cutShort() {
            last = System.nanoTime() - length.toNanos();
        }
    }
}
