package org.m365connector.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Reading;

/** Reads the data of a CloudEvent as a record that carries its own version. */
record JsonDecoder<V>(Class<V> type, ToLongFunction<V> version) implements ViewDecoder<V> {

    @Override
    public Versioned<V> decode(ConsumerRecord<String, byte[]> record) throws JsonProcessingException {
        var reading = EventCodec.read(record);
        if (!(reading instanceof Reading.Understood understood)) {
            throw new IllegalArgumentException("not an event: " + reading);
        }
        V value = EventCodec.json().treeToValue(understood.event().data(), type);
        return new Versioned<>(version.applyAsLong(value), value);
    }
}
