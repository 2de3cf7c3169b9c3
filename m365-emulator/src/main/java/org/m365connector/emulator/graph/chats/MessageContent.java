package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Properties;

/** What somebody says, alike in chats and channels: a {@code chatMessage} but for its place and its times. */
public final class MessageContent {

    public static final Properties PROPERTIES = new Properties(
            "microsoft.graph.chatMessage",
            "id",
            "attachments",
            "body",
            "channelIdentity",
            "chatId",
            "createdDateTime",
            "deletedDateTime",
            "etag",
            "eventDetail",
            "from",
            "hostedContents",
            "importance",
            "lastEditedDateTime",
            "lastModifiedDateTime",
            "locale",
            "mentions",
            "messageHistory",
            "messageType",
            "policyViolation",
            "reactions",
            "replies",
            "replyToId",
            "subject",
            "summary",
            "webUrl");

    private static final int LONGEST_MESSAGE = 100 * 1024;
    private static final Set<String> IMPORTANCES = Set.of("normal", "high", "urgent");

    private MessageContent() {}

    /** @param input as in a POST */
    public static ObjectNode of(UserAccount author, JsonNode input) {
        PROPERTIES.check(input);
        ObjectNode content = Json.object();
        content.set("subject", input.path("subject").isTextual() ? input.get("subject") : null);
        content.putNull("summary").putNull("chatId");
        content.put("importance", importance(input));
        content.put("locale", "en-us");
        content.putNull("webUrl")
                .putNull("policyViolation")
                .putNull("eventDetail")
                .putNull("channelIdentity");
        ObjectNode from = content.putObject("from");
        from.putNull("application").putNull("device").putNull("conversation");
        from.putObject("user")
                .put("@odata.type", "#microsoft.graph.teamworkUserIdentity")
                .put("id", author.oid())
                .put("displayName", author.displayName())
                .put("userIdentityType", "aadUser")
                .put("tenantId", author.tenant().id());
        content.set("body", body(input));
        content.set("attachments", list(input, "attachments"));
        content.set("mentions", list(input, "mentions"));
        content.putArray("reactions");
        content.putArray("messageHistory");
        return content;
    }

    public static ObjectNode body(JsonNode input) {
        JsonNode body = input.path("body");
        if (!body.path("content").isTextual()) {
            throw GraphError.badRequest("Missing body content");
        }
        String type = body.path("contentType").asText("text").toLowerCase(Locale.ROOT);
        if (!type.equals("text") && !type.equals("html")) {
            throw GraphError.badRequest("Invalid value for contentType: '" + type + "'.");
        }
        String content = body.get("content").textValue();
        if (content.getBytes(StandardCharsets.UTF_8).length > LONGEST_MESSAGE) {
            throw GraphError.of(413, "RequestEntityTooLarge", "The message is too large.");
        }
        return Json.object().put("contentType", type).put("content", content);
    }

    private static String importance(JsonNode input) {
        String importance = input.path("importance").asText("normal").toLowerCase(Locale.ROOT);
        if (!IMPORTANCES.contains(importance)) {
            throw GraphError.badRequest("Invalid value for importance: '" + importance + "'.");
        }
        return importance;
    }

    private static JsonNode list(JsonNode input, String name) {
        return input.path(name).isArray() ? input.get(name).deepCopy() : Json.array();
    }
}
