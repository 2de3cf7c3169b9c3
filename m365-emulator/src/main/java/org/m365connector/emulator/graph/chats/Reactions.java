package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/** {@code setReaction} and {@code unsetReaction}, alike in chats and channels: one of each kind and person. */
public final class Reactions {

    private Reactions() {}

    public static void change(ObjectNode message, Call call, Clock clock) {
        String type = call.body().path("reactionType").asText("");
        if (type.isEmpty()) {
            throw GraphError.badRequest("ReactionType is missing.");
        }
        String who = call.caller().id();
        ArrayNode kept = Json.array();
        message.path("reactions").forEach(reaction -> {
            boolean same = reaction.path("reactionType").asText().equals(type)
                    && reaction.at("/user/user/id").asText().equals(who);
            if (!same) {
                kept.add(reaction);
            }
        });
        if (call.template().endsWith("/setReaction")) {
            ObjectNode reaction =
                    kept.addObject().put("reactionType", type).put("createdDateTime", Json.millis(clock.instant()));
            reaction.putObject("user").putObject("user").put("id", who).put("userIdentityType", "aadUser");
        }
        message.set("reactions", kept);
    }
}
