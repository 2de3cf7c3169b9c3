package org.m365connector.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTemplateTest {
    private static final URI SOURCE = URI.create("/m365/graph-proxy-service");

    @ParameterizedTest
    @ValueSource(strings = {"2026-03-01T10:00:00Z", "2026-03-01T10:00:00.120Z", "2026-03-01T10:00:00.123456Z"})
    void recordIsTheOneThatAnyOtherEventWouldBe(String time) {
        var call = GraphCalledJsonTest.calls().findFirst().orElseThrow();
        var extensions = Map.of(Event.PORTAL_USER, "Ö0000000000000000000000000000000000000001");
        var event =
                new Event<>("7-1", SOURCE, GraphCalled.TYPE, Optional.empty(), Instant.parse(time), extensions, call);

        var record = new EventTemplate(Topics.AUDIT, SOURCE, GraphCalled.TYPE)
                .write("demo", event.id(), event.time(), extensions, call);

        var expected = EventCodec.write(Topics.AUDIT, "demo", event);
        assertThat(record.topic()).isEqualTo(expected.topic());
        assertThat(record.key()).isEqualTo(expected.key());
        assertThat(record.partition()).isNull();
        assertThat(record.timestamp()).isEqualTo(expected.timestamp());
        assertThat(record.value()).isEqualTo(expected.value());
        assertThat(withoutTime(record)).isEqualTo(withoutTime(expected));
        assertThat(timeOf(record)).isEqualTo(timeOf(expected));
    }

    private static Map<String, String> headers(ProducerRecord<String, byte[]> record) {
        Map<String, String> headers = new TreeMap<>();
        record.headers().forEach(header -> headers.put(header.key(), new String(header.value(), UTF_8)));
        return headers;
    }

    private static Map<String, String> withoutTime(ProducerRecord<String, byte[]> record) {
        Map<String, String> headers = headers(record);
        headers.remove("ce_time");
        return headers;
    }

    /** The same moment may have noughts at its end. */
    private static Instant timeOf(ProducerRecord<String, byte[]> record) {
        return Instant.parse(headers(record).get("ce_time"));
    }
}
