package org.m365connector.sync.door;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.EventCodec;
import org.m365connector.events.NotificationHint;

/** What Graph posted, item by item: a bad item never spoils its neighbours. */
record NotificationBody(List<NotificationHint> hints, int unknown) {

    /** Graph's are some hundred characters; a round finds out for itself anyway. */
    private static final int LONGEST_TEXT = 2_000;

    /** Not a collection of notifications at all. */
    static final class MalformedException extends Exception {
        MalformedException(Throwable cause) {
            super(cause);
        }
    }

    static NotificationBody parse(Buffer body, ClientStates clientStates, int mostItems) throws MalformedException {
        JsonNode items;
        try {
            items = EventCodec.json().readTree(body.getBytes()).path("value");
        } catch (IOException e) {
            throw new MalformedException(e);
        }
        if (!items.isArray() || items.size() > mostItems) {
            throw new MalformedException(null);
        }
        List<NotificationHint> hints = new ArrayList<>(items.size());
        int unknown = 0;
        for (JsonNode item : items) {
            Optional<String> watch =
                    clientStates.watchOf(item.path("clientState").textValue());
            if (watch.isPresent()) {
                hints.add(new NotificationHint(
                        watch.get(),
                        text(item, "subscriptionId").orElse(""),
                        text(item, "changeType"),
                        text(item, "resource"),
                        text(item, "lifecycleEvent")));
            } else {
                unknown++;
            }
        }
        return new NotificationBody(hints, unknown);
    }

    /** What Kafka does not take would be answered 503, and so come again for ever: half characters, and more than fits a record. */
    private static Optional<String> text(JsonNode item, String member) {
        return Optional.ofNullable(item.path(member).textValue())
                .map(text -> text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) : text)
                .map(text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }
}
