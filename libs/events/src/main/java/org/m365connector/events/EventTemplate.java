package org.m365connector.events;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Writes events of one source and type, of which there are ten thousand a second: what all of them have in common is made once. The
 * records say what those of {@link EventCodec#write} say.
 */
public final class EventTemplate {

    private static final String ATTRIBUTE = "ce_";

    private final String topic;
    private final List<Header> common;

    public EventTemplate(String topic, URI source, String type) {
        this.topic = topic;
        common = List.of(
                header("content-type", "application/json"),
                header(ATTRIBUTE + "specversion", "1.0"),
                header(ATTRIBUTE + "source", source.toString()),
                header(ATTRIBUTE + "type", type));
    }

    /**
     * @param extensions names of lower-case letters and digits
     * @throws IllegalArgumentException where the data cannot be written as JSON
     */
    public ProducerRecord<String, byte[]> write(
            String key, String id, Instant time, Map<String, String> extensions, Object data) {
        List<Header> headers = new ArrayList<>(common.size() + 2 + extensions.size());
        headers.addAll(common);
        headers.add(header(ATTRIBUTE + "id", id));
        headers.add(header(ATTRIBUTE + "time", time.toString()));
        extensions.forEach((name, value) -> headers.add(header(ATTRIBUTE + name, value)));
        return new ProducerRecord<>(topic, null, key, EventCodec.bytes(data), headers);
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
