package org.m365connector.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventCodecTest {

    private static final String TOPIC = "portal.demo.actions";

    private static final Event<Map<String, String>> EVENT = new Event<>(
            "7d0c",
            URI.create("/intrexx/demo"),
            "mail.send.v1",
            Optional.of("subject"),
            Instant.parse("2026-11-22T10:00:00Z"),
            Map.of("portaluser", "0A", "registration", "Main"),
            Map.of("text", "Grüße"));

    private static final String STRUCTURED = """
            {"specversion":"1.0","type":"mail.send.v1","source":"/intrexx/demo","id":"7d0c","subject":"subject",
             "time":"2026-11-22T10:00:00Z","portaluser":"0A","registration":"Main","data":{"text":"Grüße"}}""";

    @Test
    void whatIsWrittenInBinaryModeReadsBack() {
        ProducerRecord<String, byte[]> written = EventCodec.write(TOPIC, "key", EVENT);

        assertThat(written.headers().lastHeader("ce_id").value()).isEqualTo("7d0c".getBytes(UTF_8));
        assertThat(new String(written.value(), UTF_8)).isEqualTo("{\"text\":\"Grüße\"}");
        assertUnderstood(EventCodec.read(record(written.value(), written.headers())));
    }

    @Test
    void structuredModeIsReadWithAndWithoutItsContentType() {
        Headers said =
                new RecordHeaders().add("content-type", "application/cloudevents+json; charset=UTF-8".getBytes(UTF_8));

        assertUnderstood(EventCodec.read(record(STRUCTURED.getBytes(UTF_8), said)));
        assertUnderstood(EventCodec.read(record(STRUCTURED.getBytes(UTF_8), new RecordHeaders())));
    }

    @Test
    void noValueIsATombstone() {
        assertThat(EventCodec.read(record(null, new RecordHeaders()))).isEqualTo(new Reading.Tombstone());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "[]",
                "{}",
                "null",
                "{\"specversion\":\"1.0\"}",
                "{\"specversion\":\"0.7\",\"type\":\"a\",\"source\":\"b\",\"id\":\"c\"}",
                "{\"specversion\":\"1.0\",\"type\":\"\",\"source\":\"b\",\"id\":\"c\"}",
                "{\"specversion\":\"1.0\",\"type\":\"a\",\"source\":\"b\",\"id\":\"\"}",
                "{\"specversion\":\"1.0\",\"type\":\"a\",\"source\":\"b\",\"id\":\"c\",\"time\":\"yesterday\"}",
                "{\"specversion\":\"1.0\",\"type\":\"a\",\"source\":\"b\",\"id\":\"c\",\"data\":{\"a\":1}",
            })
    void whateverIsNotACloudEventIsPoisonAndItsContentIsNotRepeated(String value) {
        assertThat(EventCodec.read(record(value.getBytes(UTF_8), new RecordHeaders())))
                .isInstanceOf(Reading.Poison.class)
                .asInstanceOf(type(Reading.Poison.class))
                .satisfies(poison -> assertThat(poison.reason()).doesNotContain("yesterday", "garbage"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "source", "type", "subject", "portaluser"})
    void anAttributeThatNoDatabaseCanStoreIsPoison(String attribute) {
        String value = STRUCTURED.replaceFirst("\"" + attribute + "\":\"", "$0\\\\u0000");

        assertThat(value).contains("\\u0000");
        assertThat(EventCodec.read(record(value.getBytes(UTF_8), new RecordHeaders())))
                .isInstanceOf(Reading.Poison.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"id", "source"})
    void anAttributeThatIsTooLongToBeIndexedIsPoison(String attribute) {
        String value = STRUCTURED.replaceFirst("\"" + attribute + "\":\"", "$0" + "x".repeat(513));

        assertThat(EventCodec.read(record(value.getBytes(UTF_8), new RecordHeaders())))
                .isInstanceOf(Reading.Poison.class);
    }

    @Test
    void binaryModeWithDataThatIsNotJsonIsPoison() {
        ProducerRecord<String, byte[]> written = EventCodec.write(TOPIC, "key", EVENT);

        assertThat(EventCodec.read(record("{not json".getBytes(UTF_8), written.headers())))
                .isInstanceOf(Reading.Poison.class);
        assertThat(EventCodec.read(record("{} {}".getBytes(UTF_8), written.headers())))
                .isInstanceOf(Reading.Poison.class);
    }

    @Test
    void anEventWithoutTimeTakesTheRecordsTime() {
        String value = "{\"specversion\":\"1.0\",\"type\":\"a\",\"source\":\"b\",\"id\":\"c\"}";

        assertThat(EventCodec.read(record(value.getBytes(UTF_8), new RecordHeaders())))
                .asInstanceOf(type(Reading.Understood.class))
                .satisfies(reading -> {
                    assertThat(reading.event().time()).isEqualTo(Instant.ofEpochMilli(1_000));
                    assertThat(reading.event().data().isNull()).isTrue();
                });
    }

    private static void assertUnderstood(Reading reading) {
        assertThat(reading).isInstanceOf(Reading.Understood.class);
        Event<JsonNode> event = ((Reading.Understood) reading).event();
        assertThat(event.withData(EVENT.data())).isEqualTo(EVENT);
        assertThat(event.data().path("text").textValue()).isEqualTo("Grüße");
    }

    private static ConsumerRecord<String, byte[]> record(byte[] value, Headers headers) {
        return new ConsumerRecord<>(
                TOPIC, 0, 0, 1_000, TimestampType.CREATE_TIME, 0, 0, "key", value, headers, Optional.empty());
    }
}
