package org.m365connector.outbox;

import java.time.Instant;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A row of the outbox: a Kafka record that waits.
 *
 * @param id rises in the order of commits within one (topic, key)
 * @param attempts how often the broker refused it
 */
record OutboxRow(long id, Instant createdAt, int attempts, ProducerRecord<String, byte[]> record) {}
