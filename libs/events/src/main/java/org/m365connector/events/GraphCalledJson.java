package org.m365connector.events;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Writes {@link GraphCalled} as the dialect of {@link EventCodec#json()} would, without asking the record by reflection: there is
 * one for each call through the proxy, and making it took the proxy a twentieth of its time.
 */
final class GraphCalledJson extends JsonSerializer<GraphCalled> {

    @Override
    public void serialize(GraphCalled call, JsonGenerator json, SerializerProvider serializers) throws IOException {
        json.writeStartObject(call);
        json.writeStringField("portalId", call.portalId().value());
        json.writeStringField("registration", call.registration().value());
        text(json, "portalUser", call.portalUser().map(PortalUser::value));
        text(json, "account", call.account().map(AccountId::value));
        if (call.assignments().isPresent()) {
            json.writeNumberField("assignments", call.assignments().get());
        }
        if (call.rule().isPresent()) {
            serializers.defaultSerializeField("rule", call.rule().get(), json);
        }
        json.writeStringField("operation", call.operation());
        texts(json, "inside", call.inside());
        json.writeStringField("outcome", call.outcome());
        json.writeStringField("detail", call.detail());
        json.writeNumberField("status", call.status());
        json.writeNumberField("bytesIn", call.bytesIn());
        json.writeNumberField("bytesOut", call.bytesOut());
        json.writeNumberField("durationMillis", call.durationMillis());
        text(json, "requestId", call.requestId());
        text(json, "clientRequestId", call.clientRequestId());
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, Optional<String> text) throws IOException {
        if (text.isPresent()) {
            json.writeStringField(name, text.get());
        }
    }

    private static void texts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
