package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.BodyType;
import com.microsoft.graph.models.ItemBody;
import com.microsoft.kiota.serialization.JsonParseNodeFactory;
import com.microsoft.kiota.serialization.Parsable;
import com.microsoft.kiota.serialization.ParsableFactory;
import java.io.ByteArrayInputStream;
import java.util.Objects;
import org.m365connector.sync.change.Item;

/** What people wrote, as Graph shows it. */
final class Content {
    private Content() {}

    static Item added(Item item, ItemBody body) {
        ObjectNode resource = item.resource().deepCopy();
        put(resource, body);
        return item.with(resource);
    }

    static void put(ObjectNode resource, ItemBody body) {
        if (body != null) {
            resource.putObject(Item.BODY)
                    .put("contentType", body.getContentType() == BodyType.Html ? "html" : "text")
                    .put("content", Objects.toString(body.getContent(), ""));
        }
    }

    /**
     * A resource from its JSON, as the SDK reads it.
     *
     * @throws RuntimeException where it is not JSON of that type; what it says may repeat it
     */
    static <T extends Parsable> T parse(byte[] json, ParsableFactory<T> type) {
        return new JsonParseNodeFactory()
                .getParseNode("application/json", new ByteArrayInputStream(json))
                .getObjectValue(type);
    }
}
