package org.m365connector.sync.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.m365connector.events.EventCodec;

/** A record's headers, in the database and on their way by HTTP (CloudEvents HTTP protocol binding 1.0, binary mode). */
final class RecordHeaders {
    private static final String ON_TOPIC = "ce_";
    private static final Pattern ATTRIBUTE = Pattern.compile("[a-z0-9]{1,100}");
    private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7E]{1,1000}");

    private RecordHeaders() {}

    /** @param value in base64, so that any bytes come back as they were; empty where there is none */
    record Stored(String name, Optional<String> value) {
        Stored {
            value = value == null ? Optional.empty() : value;
        }

        static Stored of(Header header) {
            return new Stored(
                    header.key(), Optional.ofNullable(header.value()).map(Base64.getEncoder()::encodeToString));
        }

        Header header() {
            return new RecordHeader(name, value.map(Base64.getDecoder()::decode).orElse(null));
        }
    }

    static String write(Iterable<Header> headers) {
        List<Stored> stored = new ArrayList<>();
        headers.forEach(header -> stored.add(Stored.of(header)));
        return new String(EventCodec.bytes(stored), StandardCharsets.UTF_8);
    }

    static List<Header> read(String json) {
        try {
            return EventCodec.json().readValue(json, new TypeReference<List<Stored>>() {}).stream()
                    .map(Stored::header)
                    .toList();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a staged event's headers are not JSON", e);
        }
    }

    /** Attributes of the event, without their prefix; the last header of a name counts. */
    static Map<String, String> attributes(Iterable<Header> headers) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (Header header : headers) {
            String name = header.key();
            if (name.startsWith(ON_TOPIC)
                    && header.value() != null
                    && ATTRIBUTE.matcher(name.substring(ON_TOPIC.length())).matches()) {
                attributes.put(name.substring(ON_TOPIC.length()), text(header));
            }
        }
        return attributes;
    }

    static String contentType(Iterable<Header> headers) {
        return plain(headers, "content-type").orElse("application/json");
    }

    static Map<String, String> http(Iterable<Header> headers) {
        Map<String, String> http = new LinkedHashMap<>();
        attributes(headers).forEach((name, value) -> http.put("ce-" + name, encoded(value)));
        http.put("Content-Type", contentType(headers));
        plain(headers, "traceparent").ifPresent(trace -> http.put("traceparent", trace));
        return http;
    }

    private static Optional<String> plain(Iterable<Header> headers, String name) {
        Optional<String> found = Optional.empty();
        for (Header header : headers) {
            if (header.key().equals(name)
                    && header.value() != null
                    && PRINTABLE.matcher(text(header)).matches()) {
                found = Optional.of(text(header));
            }
        }
        return found;
    }

    private static String text(Header header) {
        return new String(header.value(), StandardCharsets.UTF_8);
    }

    /** Percent-encoded as the binding asks: what is not printable ASCII, and space, quote and percent. */
    static String encoded(String value) {
        StringBuilder encoded = new StringBuilder();
        for (byte part : value.getBytes(StandardCharsets.UTF_8)) {
            int octet = part & 0xFF;
            if (octet <= 0x20 || octet >= 0x7F || octet == '"' || octet == '%') {
                encoded.append('%').append(String.format("%02X", octet));
            } else {
                encoded.append((char) octet);
            }
        }
        return encoded.toString();
    }
}
