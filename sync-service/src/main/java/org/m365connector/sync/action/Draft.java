package org.m365connector.sync.action;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Optional;
import org.m365connector.events.EventCodec;

/**
 * A mail of ours at Graph, by its immutable id, which stays when the mail moves from the drafts to the sent items.
 *
 * @param internetMessageId the Message-ID header
 * @param webLink opens it in Outlook on the web
 */
record Draft(String id, Optional<String> internetMessageId, Optional<String> webLink) {

    String toJson() {
        return new String(EventCodec.bytes(this), java.nio.charset.StandardCharsets.UTF_8);
    }

    static Draft fromJson(String json) {
        try {
            return EventCodec.json().readValue(json, Draft.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored draft cannot be read", e);
        }
    }
}
