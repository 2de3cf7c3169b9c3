package org.m365connector.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;

/**
 * An event as a handler gets it.
 *
 * @param portal whose topic it is; empty for topics of the suite itself
 * @param key the record's key, null if it has none
 */
public record Consumed(
        Optional<PortalId> portal, String key, Event<JsonNode> event, ConsumerRecord<String, byte[]> raw) {

    /**
     * The event with its data as that type.
     *
     * @throws PoisonException if they do not fit
     */
    public <T> Event<T> as(Class<T> type) {
        try {
            T data = EventCodec.json().treeToValue(event.data(), type);
            if (data == null) {
                throw new PoisonException("an event of type " + event.type() + " needs data");
            }
            return event.withData(data);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new PoisonException("the data does not fit an event of type " + event.type());
        }
    }
}
