package org.m365connector.sync.delivery;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.m365connector.events.Topics;
import org.m365connector.sync.work.Backoff;

/** A record of one of a portal's topics, as it is there, that waits for the portal. */
@Entity
@Table(name = "staged_event")
class StagedEvent {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    String portal;

    /** Of the delivery that it waits for; null where that is not known. */
    @Column(name = "portal_version")
    private Long portalVersion;

    private String topic;

    @Column(name = "record_partition")
    private int partition;

    @Column(name = "record_offset")
    private long offset;

    @Column(name = "record_key")
    private String key;

    /** What stays in order. */
    String lane;

    private String headers;
    private byte[] body;

    @Column(name = "staged_at")
    Instant stagedAt;

    boolean turn;

    @Column(name = "next_attempt_at")
    Instant nextAttemptAt;

    private int refusals;
    private int attempts;

    @Column(name = "failing_since")
    private Instant failingSince;

    static StagedEvent of(Delivery delivery, ConsumerRecord<String, byte[]> record, Instant now) {
        StagedEvent event = new StagedEvent();
        event.portal = delivery.portal;
        event.portalVersion = delivery.portalVersion().orElse(null);
        event.topic = record.topic();
        event.partition = record.partition();
        event.offset = record.offset();
        event.key = record.key();
        event.lane = lane(record);
        event.headers = RecordHeaders.write(record.headers());
        event.body = record.value();
        event.stagedAt = now;
        event.nextAttemptAt = now;
        return event;
    }

    /** Keys can be longer than an index takes. */
    static String lane(ConsumerRecord<String, byte[]> record) {
        String order = record.topic() + "\n" + (record.key() == null ? "" : record.key());
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(order.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    long id() {
        return id;
    }

    String kind() {
        return Topics.kindOf(topic).orElse(topic);
    }

    Optional<String> key() {
        return Optional.ofNullable(key);
    }

    List<Header> headers() {
        return RecordHeaders.read(headers);
    }

    byte[] body() {
        return body;
    }

    Instant nextAttemptAt() {
        return nextAttemptAt;
    }

    Instant stagedAt() {
        return stagedAt;
    }

    /** As it was on the topic. */
    ConsumerRecord<String, byte[]> record() {
        ConsumerRecord<String, byte[]> record = new ConsumerRecord<>(topic, partition, offset, key, body);
        headers().forEach(header -> record.headers().add(header));
        return record;
    }

    /** Offered in vain. */
    void failed(Answer answer, Instant now, Backoff backoff) {
        attempts++;
        if (answer instanceof Answer.Refused) {
            refusals++;
        }
        if (failingSince == null && !(answer instanceof Answer.Away)) {
            failingSince = now;
        }
        nextAttemptAt = now.plus(backoff.after(attempts));
    }

    /** Why it is offered no more; empty while it is. */
    Optional<String> givenUp(Answer answer, Instant now, DeliveryConfig config) {
        if (answer instanceof Answer.Refused refused && refusals >= config.mostRefusals()) {
            return Optional.of(
                    "the portal refused it " + refusals + " times, the last time with HTTP " + refused.status());
        }
        if (answer instanceof Answer.Broken broken
                && failingSince != null
                && failingSince.plus(config.patience()).isBefore(now)) {
            return Optional.of("the portal broke over it for " + config.patience() + ", the last time with HTTP "
                    + broken.status());
        }
        return Optional.empty();
    }
}
