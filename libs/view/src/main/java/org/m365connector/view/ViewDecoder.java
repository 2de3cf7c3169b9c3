package org.m365connector.view;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the value of a record. It never sees tombstones. Whatever it throws means "cannot be understood": the record is
 * counted, removes its key and never ends the view.
 */
@FunctionalInterface
public interface ViewDecoder<V> {
    Versioned<V> decode(ConsumerRecord<String, byte[]> record) throws Exception;
}
