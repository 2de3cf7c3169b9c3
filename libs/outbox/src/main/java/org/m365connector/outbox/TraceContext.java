package org.m365connector.outbox;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** The W3C {@code traceparent} of the record that this thread processes, so that what follows from it says so. */
public final class TraceContext {

    private static final ThreadLocal<String> CURRENT = new ThreadLocal<>();

    private TraceContext() {}

    /** Also of a header that is no attribute of the event, as tracing libraries of producers write it. */
    public static Optional<String> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    static void enter(ConsumerRecord<?, ?> record) {
        Header header = record.headers().lastHeader(Outbox.TRACEPARENT);
        if (header == null) {
            header = record.headers().lastHeader("ce_" + Outbox.TRACEPARENT);
        }
        if (header != null && header.value() != null) {
            CURRENT.set(new String(header.value(), StandardCharsets.UTF_8));
        }
    }

    static void leave() {
        CURRENT.remove();
    }
}
