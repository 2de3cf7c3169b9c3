package org.m365connector.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Record headers as JSON and back, byte for byte: text stays readable, other bytes become base64. */
final class HeaderJson {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private HeaderJson() {}

    static String write(Iterable<Header> headers) {
        var array = MAPPER.createArrayNode();
        for (Header header : headers) {
            var object = array.addObject().put("name", header.key());
            byte[] value = header.value();
            if (value != null) {
                text(value)
                        .ifPresentOrElse(
                                text -> object.put("text", text),
                                () -> object.put("base64", Base64.getEncoder().encodeToString(value)));
            }
        }
        return array.toString();
    }

    static List<Header> read(String json) {
        var headers = new ArrayList<Header>();
        try {
            for (JsonNode object : MAPPER.readTree(json)) {
                headers.add(new RecordHeader(object.get("name").textValue(), value(object)));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The outbox holds headers that are not JSON", e);
        }
        return headers;
    }

    private static byte[] value(JsonNode object) {
        if (object.has("text")) {
            return object.get("text").textValue().getBytes(StandardCharsets.UTF_8);
        }
        if (object.has("base64")) {
            return Base64.getDecoder().decode(object.get("base64").textValue());
        }
        return null;
    }

    /** The text, if that is what the bytes are and if PostgreSQL's jsonb can hold it. */
    private static Optional<String> text(byte[] value) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
            return text.indexOf('\0') >= 0 ? Optional.empty() : Optional.of(text);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
