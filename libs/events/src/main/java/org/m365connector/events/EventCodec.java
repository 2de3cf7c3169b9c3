package org.m365connector.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.data.BytesCloudEventData;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Events to Kafka records and back, as the CloudEvents Kafka protocol binding 1.0 says: writes binary mode ({@code ce_*}
 * headers, data as the value), reads binary and structured mode.
 */
public final class EventCodec {

    private static final String JSON = "application/json";
    private static final String STRUCTURED = "application/cloudevents+json";

    /** Longest id and source: readers index them. */
    private static final int LONGEST_NAME = 512;

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new Jdk8Module())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
            .build();

    static {
        // Registered by hand: a service loader that finds nothing in a repackaged application fails only at the first
        // event.
        EventFormatProvider.getInstance().registerFormat(new io.cloudevents.jackson.JsonFormat());
    }

    private EventCodec() {}

    /** The one JSON dialect of events: ISO-8601 times, unknown members ignored, absent members left out. */
    public static ObjectMapper json() {
        return MAPPER;
    }

    /** @throws IllegalArgumentException where the data cannot be written as JSON or an extension's name is not allowed */
    public static ProducerRecord<String, byte[]> write(String topic, String key, Event<?> event) {
        CloudEventBuilder builder = CloudEventBuilder.v1()
                .withId(event.id())
                .withSource(event.source())
                .withType(event.type())
                .withTime(OffsetDateTime.ofInstant(event.time(), ZoneOffset.UTC))
                .withDataContentType(JSON)
                .withData(BytesCloudEventData.wrap(bytes(event.data())));
        event.subject().ifPresent(builder::withSubject);
        event.extensions().forEach(builder::withExtension);
        ProducerRecord<String, byte[]> record =
                KafkaMessageFactory.<String>createWriter(topic, key).writeBinary(builder.build());
        return record;
    }

    /** Never throws for what a record contains: everything that is not a CloudEvent with JSON data is {@link Reading.Poison}. */
    public static Reading read(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            return new Reading.Tombstone();
        }
        CloudEvent cloudEvent;
        try {
            cloudEvent = toCloudEvent(record);
        } catch (RuntimeException e) {
            // What a library says of foreign input may repeat that input, so only the kind of failure is told.
            return new Reading.Poison("not a CloudEvent in binary or structured mode: " + kindOf(e));
        }
        if (cloudEvent == null) {
            // The JSON text "null" makes the library return null.
            return new Reading.Poison("not a CloudEvent in binary or structured mode: null");
        }
        try {
            JsonNode data = cloudEvent.getData() == null
                    ? NullNode.getInstance()
                    : MAPPER.readTree(cloudEvent.getData().toBytes());
            return new Reading.Understood(toEvent(cloudEvent, data, record.timestamp()));
        } catch (IOException e) {
            return new Reading.Poison("the event's data is not JSON");
        } catch (IllegalArgumentException e) {
            return new Reading.Poison("an attribute of the event is empty, too long or not allowed");
        }
    }

    /** JSON bytes of a value in the dialect of {@link #json()}. */
    public static byte[] bytes(Object data) {
        try {
            return MAPPER.writeValueAsBytes(data);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "cannot be written as JSON: " + data.getClass().getName(), e);
        }
    }

    private static CloudEvent toCloudEvent(ConsumerRecord<String, byte[]> record) {
        Header contentType = record.headers().lastHeader("content-type");
        boolean saysSo = contentType != null
                && new String(contentType.value(), java.nio.charset.StandardCharsets.UTF_8).startsWith(STRUCTURED);
        boolean binary = record.headers().lastHeader("ce_specversion") != null;
        if (!saysSo && !binary) {
            // A plain producer may leave the content type out; a JSON object with "specversion" is meant as structured
            // mode.
            return EventFormatProvider.getInstance().resolveFormat(STRUCTURED).deserialize(record.value());
        }
        return KafkaMessageFactory.createReader(record).toEvent();
    }

    private static Event<JsonNode> toEvent(CloudEvent event, JsonNode data, long timestamp) {
        requireName(event.getId());
        requireName(event.getSource().toString());
        requireStorable(event.getType());
        requireStorable(event.getSubject());
        Map<String, String> extensions = new HashMap<>();
        for (String name : event.getExtensionNames()) {
            Object value = event.getExtension(name);
            if (value != null) {
                requireStorable(value.toString());
                extensions.put(name, value.toString());
            }
        }
        Instant time = event.getTime() == null
                ? Instant.ofEpochMilli(timestamp)
                : event.getTime().toInstant();
        return new Event<>(
                event.getId(),
                event.getSource(),
                event.getType(),
                Optional.ofNullable(event.getSubject()),
                time,
                extensions,
                data);
    }

    private static void requireName(String text) {
        requireStorable(text);
        if (text.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("longer than " + LONGEST_NAME);
        }
    }

    /** No database stores NUL in a text. Found here it is the sender's mistake, found there it would look like an outage. */
    private static void requireStorable(String text) {
        if (text != null && text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("contains NUL");
        }
    }

    private static String kindOf(RuntimeException e) {
        return e.getClass().getSimpleName();
    }
}
