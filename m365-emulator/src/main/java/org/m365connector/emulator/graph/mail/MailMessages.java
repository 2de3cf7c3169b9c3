package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Properties;

/** The shape of {@code microsoft.graph.message}: what a client may write, and what it gets to read. */
final class MailMessages {

    static final Properties PROPERTIES = new Properties(
            "microsoft.graph.message",
            "id",
            "createdDateTime",
            "lastModifiedDateTime",
            "changeKey",
            "categories",
            "receivedDateTime",
            "sentDateTime",
            "hasAttachments",
            "internetMessageId",
            "internetMessageHeaders",
            "subject",
            "bodyPreview",
            "importance",
            "parentFolderId",
            "conversationId",
            "conversationIndex",
            "isDeliveryReceiptRequested",
            "isReadReceiptRequested",
            "isRead",
            "isDraft",
            "webLink",
            "inferenceClassification",
            "body",
            "uniqueBody",
            "sender",
            "from",
            "toRecipients",
            "ccRecipients",
            "bccRecipients",
            "replyTo",
            "flag",
            "attachments",
            "singleValueExtendedProperties",
            "multiValueExtendedProperties");

    static final String EXTENDED = "singleValueExtendedProperties";

    /** Kept, but only shown when asked for by name. */
    private static final List<String> ON_REQUEST =
            List.of(EXTENDED, "multiValueExtendedProperties", "attachments", "internetMessageHeaders", "uniqueBody");

    private static final Set<String> SERVER_MADE = Set.of(
            "id",
            "createdDateTime",
            "lastModifiedDateTime",
            "changeKey",
            "receivedDateTime",
            "sentDateTime",
            "hasAttachments",
            "bodyPreview",
            "parentFolderId",
            "conversationId",
            "conversationIndex",
            "isDraft",
            "webLink",
            "uniqueBody");

    private static final Set<String> DRAFTS_ONLY = Set.of(
            "subject",
            "body",
            "from",
            "sender",
            "toRecipients",
            "ccRecipients",
            "bccRecipients",
            "replyTo",
            "internetMessageId",
            "internetMessageHeaders",
            "isDeliveryReceiptRequested",
            "isReadReceiptRequested");

    private static final Map<String, Set<String>> ENUMS = Map.of(
            "importance", Set.of("low", "normal", "high"), "inferenceClassification", Set.of("focused", "other"));

    private final Function<String, Optional<UserAccount>> byAddress;

    MailMessages(Function<String, Optional<UserAccount>> byAddress) {
        this.byAddress = byAddress;
    }

    /** A new mail with everything that Exchange fills in. */
    ObjectNode make(JsonNode input, UserAccount owner, Instant now) {
        PROPERTIES.check(input);
        String time = Json.seconds(now);
        ObjectNode mail = Json.object();
        mail.put("createdDateTime", time);
        mail.put("lastModifiedDateTime", time);
        mail.putArray("categories");
        mail.put("receivedDateTime", time);
        mail.put("sentDateTime", time);
        mail.put("hasAttachments", false);
        mail.put("internetMessageId", "<" + MailIds.random(18) + "@emulator.prod.outlook.com>");
        mail.put("subject", "");
        mail.put("bodyPreview", "");
        mail.put("importance", "normal");
        mail.put("conversationId", "AAQkA" + MailIds.random(40) + "=");
        mail.put("conversationIndex", MailIds.conversationIndex());
        mail.putNull("isDeliveryReceiptRequested");
        mail.put("isReadReceiptRequested", false);
        mail.put("isRead", true);
        mail.put("isDraft", true);
        mail.put("inferenceClassification", "focused");
        mail.set("body", body(Json.object()));
        mail.set("sender", recipient(owner));
        mail.set("from", recipient(owner));
        for (String list : List.of("toRecipients", "ccRecipients", "bccRecipients", "replyTo")) {
            mail.putArray(list);
        }
        mail.putObject("flag").put("flagStatus", "notFlagged");
        write(mail, input, true);
        return mail;
    }

    /** Takes over what the client may write. What only the service writes is left out silently, as Exchange does. */
    void write(ObjectNode mail, JsonNode input, boolean draft) {
        PROPERTIES.check(input);
        input.properties().forEach(entry -> {
            String name = PROPERTIES.canonical(entry.getKey()).orElse(entry.getKey());
            if (name.contains("@") || SERVER_MADE.contains(name)) {
                return;
            }
            if (!draft && DRAFTS_ONLY.contains(name)) {
                throw GraphError.of(
                        400,
                        "ErrorInvalidPropertyUpdateSentMessage",
                        "Update operation is invalid for property of a sent message.");
            }
            mail.set(name, written(name, entry.getValue(), mail));
        });
        mail.put("bodyPreview", preview(mail.path("body")));
        mail.put("hasAttachments", !mail.path("attachments").isEmpty());
    }

    private JsonNode written(String name, JsonNode value, ObjectNode mail) {
        if (ENUMS.containsKey(name)) {
            String text = value.asText().toLowerCase(Locale.ROOT);
            if (!ENUMS.get(name).contains(text)) {
                throw invalidValue(name, value);
            }
            return Json.MAPPER.getNodeFactory().textNode(text);
        }
        return switch (name) {
            case "body" -> body(value);
            case "from", "sender" -> recipient(value);
            case "toRecipients", "ccRecipients", "bccRecipients", "replyTo" -> recipients(name, value);
            case EXTENDED -> merged(mail.path(EXTENDED), value);
            case "isRead" -> {
                if (!value.isBoolean()) {
                    throw invalidValue(name, value);
                }
                yield value;
            }
            default -> value.deepCopy();
        };
    }

    private static GraphError invalidValue(String name, JsonNode value) {
        return GraphError.of(
                400,
                "RequestBodyRead",
                "Cannot convert the literal '" + value.asText() + "' to the expected type of property '" + name + "'.");
    }

    private static ObjectNode body(JsonNode input) {
        String type = input.path("contentType").asText("text").toLowerCase(Locale.ROOT);
        if (!type.equals("text") && !type.equals("html")) {
            throw invalidValue("contentType", input.path("contentType"));
        }
        String content = input.path("content").asText("");
        if (type.equals("html") && !content.toLowerCase(Locale.ROOT).contains("<html")) {
            content = "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head>"
                    + "<body>" + content + "</body></html>";
        }
        return Json.object().put("contentType", type).put("content", content);
    }

    private ArrayNode recipients(String name, JsonNode list) {
        if (!list.isArray()) {
            throw invalidValue(name, list);
        }
        ArrayNode recipients = Json.array();
        list.forEach(one -> recipients.add(recipient(one)));
        return recipients;
    }

    private ObjectNode recipient(JsonNode input) {
        String address = input.path("emailAddress").path("address").asText("");
        String name = byAddress
                .apply(address)
                .map(UserAccount::displayName)
                .orElse(input.path("emailAddress").path("name").asText(address));
        ObjectNode recipient = Json.object();
        recipient.putObject("emailAddress").put("name", name).put("address", address);
        return recipient;
    }

    static ObjectNode recipient(UserAccount account) {
        ObjectNode recipient = Json.object();
        recipient.putObject("emailAddress").put("name", account.displayName()).put("address", account.upn());
        return recipient;
    }

    /** Extended properties are set one by one: what is not named stays. */
    private static ArrayNode merged(JsonNode old, JsonNode input) {
        ArrayNode all = Json.array();
        old.forEach(property -> {
            if (!holds(input, property.path("id").asText())) {
                all.add(property);
            }
        });
        input.forEach(property -> {
            String id = property.path("id").asText();
            if (!id.matches(
                    "(?i)(String|Boolean|Integer|Long|Double|SystemTime|Binary|CLSID) (\\{[0-9a-f-]{36}\\} (Name .+|Id 0x[0-9a-f]+)|0x[0-9a-f]+)")) {
                throw GraphError.of(
                        400, "ErrorInvalidExtendedProperty", "The specified extended property id is invalid.");
            }
            all.add(Json.object()
                    .put("id", id)
                    .put("value", property.path("value").asText()));
        });
        return all;
    }

    private static boolean holds(JsonNode properties, String id) {
        for (JsonNode property : properties) {
            if (property.path("id").asText().equalsIgnoreCase(id)) {
                return true;
            }
        }
        return false;
    }

    /** The mail as a client sees it. */
    static ObjectNode shown(MailItem item, MailView view) {
        ObjectNode shown = Json.object();
        shown.put("@odata.etag", item.etag());
        shown.put("id", item.id(view.immutableIds()));
        item.entity.properties().forEach(entry -> {
            if (!ON_REQUEST.contains(entry.getKey()) || view.selected().contains(entry.getKey())) {
                shown.set(entry.getKey(), entry.getValue().deepCopy());
            }
        });
        shown.remove(EXTENDED);
        if (view.textBodies() && shown.path("body") instanceof ObjectNode body) {
            body.put("content", text(body.path("content").asText())).put("contentType", "text");
        }
        Properties.only(shown, view.selected());
        view.extended().ifPresent(wanted -> {
            ArrayNode found = Json.array();
            for (JsonNode property : item.entity.path(EXTENDED)) {
                if (wanted.matches(property)) {
                    found.add(property.deepCopy());
                }
            }
            if (!found.isEmpty()) {
                shown.set(EXTENDED, found);
            }
        });
        return shown;
    }

    private static String preview(JsonNode body) {
        String text = text(body.path("content").asText()).strip();
        return text.length() <= 255 ? text : text.substring(0, 255);
    }

    static String text(String html) {
        return html.replaceAll("(?is)<head.*?</head>", "")
                .replaceAll("(?i)<br\\s*/?>|</p>|</div>", "\r\n")
                .replaceAll("<[^>]*>", "")
                .replace("&nbsp;", " ")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
    }
}
