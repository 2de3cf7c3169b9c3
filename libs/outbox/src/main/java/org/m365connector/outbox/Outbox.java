package org.m365connector.outbox;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.TransactionManager;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.TombstoneVersion;
import org.m365connector.events.Topics;

/**
 * Publishes events: writes them into the current transaction, from where the relay takes them to Kafka. Every method needs
 * a transaction, or it throws.
 *
 * <p>Order: events of one (topic, key) arrive in the order of their transactions' commits if each transaction locks what the
 * event is about <em>before</em> it adds (updating the aggregate's row, or {@code SELECT … FOR UPDATE}, is enough).
 *
 * <p>{@code traceparent} travels along: the event's extension of that name, else that of the record which is being processed
 * by {@link Consumption}, becomes a header.
 */
@ApplicationScoped
public class Outbox {

    static final String TRACEPARENT = "traceparent";

    /** Headers of a dead letter. SmallRye uses the same names. */
    public static final String REASON_HEADER = "dead-letter-reason";

    public static final String TOPIC_HEADER = "dead-letter-topic";
    public static final String PARTITION_HEADER = "dead-letter-partition";
    public static final String OFFSET_HEADER = "dead-letter-offset";

    private final DataSource database;
    private final TransactionManager transactions;

    /** @param database one whose connections take part in the transactions of the manager */
    public Outbox(DataSource database, TransactionManager transactions) {
        this.database = database;
        this.transactions = transactions;
    }

    /**
     * Publishes the event when the current transaction commits.
     *
     * @throws IllegalStateException outside of a transaction
     * @throws IllegalArgumentException where the event cannot be written as JSON
     */
    public void add(String topic, String key, Event<?> event) {
        insert(record(topic, key, event));
    }

    /**
     * Publishes the end of a key of a compacted topic: no value, and the version as a header. The record's time is that of the transaction.
     *
     * @param version higher than that of every record before
     */
    public void tombstone(String topic, String key, long version) {
        insert(end(topic, key, version));
    }

    /** Collects what is published together, so that many events cost one round trip to the database. */
    public Batch batch() {
        return new Batch();
    }

    /** Events in their order; nothing is published before {@link #write}. */
    public final class Batch {
        private final List<ProducerRecord<String, byte[]>> records = new ArrayList<>();

        private Batch() {}

        /** As {@link Outbox#add}. */
        public void add(String topic, String key, Event<?> event) {
            records.add(record(topic, key, event));
        }

        /** As {@link Outbox#tombstone}. */
        public void tombstone(String topic, String key, long version) {
            records.add(end(topic, key, version));
        }

        /** @throws IllegalStateException outside of a transaction */
        public void write() {
            OpenTransaction.require(transactions, "The outbox");
            if (records.isEmpty()) {
                return;
            }
            try (var connection = database.getConnection()) {
                OutboxTable.insert(connection, records);
            } catch (SQLException e) {
                throw new DatabaseException("Cannot add to the outbox", e);
            }
            records.clear();
        }
    }

    private static ProducerRecord<String, byte[]> record(String topic, String key, Event<?> event) {
        ProducerRecord<String, byte[]> record = EventCodec.write(topic, key, event);
        event.extension(TRACEPARENT)
                .or(TraceContext::current)
                .ifPresent(trace -> put(record.headers(), TRACEPARENT, trace));
        return record;
    }

    private static ProducerRecord<String, byte[]> end(String topic, String key, long version) {
        var headers = new RecordHeaders();
        put(headers, TombstoneVersion.HEADER, Long.toString(version));
        TraceContext.current().ifPresent(trace -> put(headers, TRACEPARENT, trace));
        return new ProducerRecord<>(topic, null, key, null, headers);
    }

    /**
     * Puts a record aside on its topic's dead-letter topic: key, value and headers as they are (but for a replacement character
     * in the place of each NUL in a key or a header's name), reason and origin as further headers.
     *
     * @param reason a sentence for the operator, with nothing of the record's content
     */
    public void deadLetter(ConsumerRecord<String, byte[]> record, String reason) {
        var headers = new RecordHeaders();
        record.headers().forEach(header -> headers.add(Storable.header(header)));
        // Appended, never replaced: a letter that comes back a second time keeps its first reason too.
        headers.add(REASON_HEADER, reason.getBytes(StandardCharsets.UTF_8));
        headers.add(TOPIC_HEADER, record.topic().getBytes(StandardCharsets.UTF_8));
        headers.add(PARTITION_HEADER, Integer.toString(record.partition()).getBytes(StandardCharsets.UTF_8));
        headers.add(OFFSET_HEADER, Long.toString(record.offset()).getBytes(StandardCharsets.UTF_8));
        String topic = Topics.deadLetter(record.topic());
        insert(new ProducerRecord<>(topic, null, Storable.text(record.key()), record.value(), headers));
    }

    private void insert(ProducerRecord<String, byte[]> record) {
        OpenTransaction.require(transactions, "The outbox");
        try (var connection = database.getConnection()) {
            OutboxTable.insert(connection, record);
        } catch (SQLException e) {
            throw new DatabaseException("Cannot add to the outbox", e);
        }
    }

    private static void put(Headers headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
