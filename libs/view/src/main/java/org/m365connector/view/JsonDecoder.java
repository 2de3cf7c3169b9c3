package org.m365connector.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Reading;

/**
 * Reads the data of a CloudEvent as a record that carries its own version. Of events in binary mode, which the suite writes, only that
 * they are whole is looked at besides the data: a view of a million is not to read the time of each.
 */
record JsonDecoder<V>(ObjectReader reader, ToLongFunction<V> version) implements ViewDecoder<V> {
    private static final byte[] JSON = "application/json".getBytes(StandardCharsets.US_ASCII);
    private static final int REQUIRED_ATTRIBUTES = 4;

    JsonDecoder(Class<V> type, ToLongFunction<V> version) {
        this(EventCodec.json().readerFor(type), version);
    }

    @Override
    public Versioned<V> decode(ConsumerRecord<String, byte[]> record) throws IOException {
        V value = isBinaryJson(record.headers()) ? reader.readValue(record.value()) : ofAnyEvent(record);
        return new Versioned<>(version.applyAsLong(value), value);
    }

    private V ofAnyEvent(ConsumerRecord<String, byte[]> record) throws IOException {
        var reading = EventCodec.read(record);
        if (!(reading instanceof Reading.Understood understood)) {
            throw new IllegalArgumentException("not an event: " + reading);
        }
        JsonNode data = understood.event().data();
        return reader.readValue(data);
    }

    /** Whether all that a CloudEvent must have stands in the headers, and its data is JSON. */
    private static boolean isBinaryJson(Headers headers) {
        int attributes = 0;
        boolean isJson = false;
        for (Header header : headers) {
            byte[] value = header.value();
            if (value != null && value.length > 0) {
                switch (header.key()) {
                    case "ce_specversion", "ce_id", "ce_source", "ce_type" -> attributes++;
                    case "content-type" -> isJson = Arrays.equals(value, JSON);
                    default -> {}
                }
            }
        }
        return isJson && attributes == REQUIRED_ATTRIBUTES;
    }
}
