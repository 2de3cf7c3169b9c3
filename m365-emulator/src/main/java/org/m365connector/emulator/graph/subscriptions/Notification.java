package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.protocol.Json;

/**
 * The items that are POSTed. Microsoft's own vary in capitals, in the form of the resource, in the offset of the date and in
 * what is left out; so do these, from one to the next.
 */
final class Notification {

    private static final DateTimeFormatter SEVEN_DIGITS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSxxx");

    private Notification() {}

    static ObjectNode lifecycle(Subscription subscription, String event) {
        ObjectNode item = Json.object()
                .put("subscriptionId", subscription.id)
                .put("subscriptionExpirationDateTime", date(subscription.expiresAt, 1))
                .put("tenantId", subscription.tenantId);
        subscription.clientState.ifPresent(state -> item.put("clientState", state));
        return item.put("lifecycleEvent", event);
    }

    static ObjectNode change(Subscription subscription, Change change, ChangeType type, long count) {
        int variant = (int) (count % 3);
        ObjectNode item = Json.object();
        if (variant == 1) {
            item.put("id", UUID.randomUUID().toString().replace("-", ""));
        }
        item.put("subscriptionId", subscription.id);
        item.put("subscriptionExpirationDateTime", date(subscription.expiresAt, variant));
        item.put("changeType", type.text());
        if (change instanceof Change.Mail mail) {
            addMail(item, mail, type, subscription.immutableIds, variant);
        } else if (change instanceof Change.ChannelMessage message) {
            String thread = "teams('" + message.teamId() + "')/channels('" + message.channelId() + "')/messages('";
            addMessage(
                    item,
                    message.replyToId()
                            .map(root -> thread + root + "')/replies('" + message.id() + "')")
                            .orElse(thread + message.id() + "')"),
                    message.id(),
                    variant);
        } else if (change instanceof Change.ChatMessage message) {
            addMessage(
                    item, "chats('" + message.chatId() + "')/messages('" + message.id() + "')", message.id(), variant);
        }
        if (change instanceof Change.Event event) {
            String resource = "Users/" + event.mailbox() + "/Events/" + event.id();
            item.put("resource", resource);
            ObjectNode data = item.putObject("resourceData")
                    .put("@odata.type", "#Microsoft.Graph.Event")
                    .put("@odata.id", resource);
            if (!event.etag().isEmpty()) {
                data.put("@odata.etag", event.etag());
            }
            data.put("id", event.id());
        }
        if (change instanceof Change.Contact contact) {
            String id = subscription.immutableIds ? contact.immutableId() : contact.id();
            String resource = "Users/" + contact.mailbox() + "/Contacts/" + id;
            item.put("resource", resource);
            ObjectNode data = item.putObject("resourceData")
                    .put("@odata.type", "#Microsoft.Graph.Contact")
                    .put("@odata.id", resource);
            if (!contact.etag().isEmpty()) {
                data.put("@odata.etag", contact.etag());
            }
            data.put("id", id);
        }
        if (change instanceof Change.DriveItem) {
            // No item, no data: only that something has happened.
            item.put("resource", subscription.resource);
            if (variant == 0) {
                item.putNull("resourceData");
            } else if (variant == 1) {
                item.putObject("resourceData").put("@odata.type", "#Microsoft.Graph.DriveItem");
            }
        }
        if (change instanceof Change.Channel channel) {
            String resource = "teams('" + channel.teamId() + "')/channels('" + channel.id() + "')";
            item.put("resource", resource);
            item.putObject("resourceData")
                    .put("@odata.type", "#Microsoft.Graph.channel")
                    .put("@odata.id", resource)
                    .put("id", channel.id());
        }
        subscription.clientState.ifPresent(state -> item.put("clientState", state));
        return item.put("tenantId", subscription.tenantId);
    }

    private static void addMail(ObjectNode item, Change.Mail mail, ChangeType type, boolean immutable, int variant) {
        String id = immutable ? mail.immutableId() : mail.id();
        String resource;
        String odataId;
        switch (variant) {
            case 0 -> {
                resource = "Users/" + mail.mailbox() + "/Messages/" + id;
                odataId = resource;
            }
            case 1 -> {
                resource = "Users('" + mail.mailbox() + "')/messages('" + id + "')";
                odataId = resource;
            }
            default -> {
                resource = "users/" + mail.mailbox() + "@" + mail.tenantId() + "/messages/" + id;
                odataId = "Users/" + mail.mailbox() + "@" + mail.tenantId() + "/Messages/" + id;
            }
        }
        item.put("resource", resource);
        ObjectNode data = item.putObject("resourceData");
        data.put("@odata.type", variant == 1 ? "#microsoft.graph.message" : "#Microsoft.Graph.Message");
        data.put("@odata.id", odataId);
        if (type != ChangeType.DELETED && !mail.etag().isEmpty() && variant != 1) {
            data.put("@odata.etag", mail.etag());
        }
        data.put("id", id);
    }

    private static void addMessage(ObjectNode item, String resource, String id, int variant) {
        item.put("resource", resource);
        item.putObject("resourceData")
                .put("@odata.type", variant == 1 ? "#microsoft.graph.chatMessage" : "#Microsoft.Graph.chatMessage")
                .put("@odata.id", resource)
                .put("id", id);
    }

    private static String date(Instant time, int variant) {
        return switch (variant) {
            case 0 -> SEVEN_DIGITS.format(time.atOffset(ZoneOffset.UTC));
            case 1 -> Json.millis(time);
            default -> SEVEN_DIGITS.format(time.atOffset(ZoneOffset.ofHoursMinutes(5, 30)));
        };
    }

    static String eventName(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "reauthorizationrequired" -> "reauthorizationRequired";
            case "subscriptionremoved" -> "subscriptionRemoved";
            case "missed" -> "missed";
            default -> throw new IllegalArgumentException("there is no lifecycle event " + text);
        };
    }
}
