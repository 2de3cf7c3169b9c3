package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.graph.transfer.Transfers;

/** What hangs on mails: to be listed, and to be put there in pieces. */
final class AttachmentCalls {

    private static final String MESSAGE = "/users/{id}/messages/{id}";
    private static final String ATTACHMENTS = "attachments";

    private final Mailboxes mailboxes;
    private final Transfers transfers;
    private final Switches switches;
    private final Clock clock;

    AttachmentCalls(Mailboxes mailboxes, Transfers transfers, Switches switches, Clock clock) {
        this.mailboxes = mailboxes;
        this.transfers = transfers;
        this.switches = switches;
        this.clock = clock;
    }

    void addTo(RouteTable routes) {
        for (String message : List.of(MESSAGE, "/users/{id}/mailFolders/{id}/messages/{id}")) {
            add(routes, "GET", message + "/attachments", this::list);
        }
        add(routes, "POST", MESSAGE + "/attachments/createUploadSession", this::createUploadSession);
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.OUTLOOK, handler));
    }

    private Reply list(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailItem item = MailCalls.found(call, mailbox);
        ObjectNode page =
                Json.object().put("@odata.context", call.context(address(mailbox, call.id(1)) + "/attachments"));
        page.set("value", item.entity.path(ATTACHMENTS).isArray() ? item.entity.get(ATTACHMENTS) : Json.array());
        return Reply.ok(page);
    }

    private Reply createUploadSession(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailItem item = MailCalls.found(call, mailbox);
        JsonNode wanted = MailCalls.member(call.body(), "AttachmentItem").orElse(Json.object());
        if (!wanted.path("attachmentType").asText().equalsIgnoreCase("file")
                || wanted.path("name").asText().isBlank()
                || !wanted.path("size").isIntegralNumber()) {
            throw GraphError.of(400, "ErrorInvalidRequest", "Type, name and size of the attachment are needed.");
        }
        long size = wanted.path("size").asLong();
        if (size < switches.number("uploads.attachment.least")) {
            throw GraphError.of(
                    400,
                    "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
                    "The attachment is too small for an upload session.");
        }
        if (size > switches.number("uploads.attachment.most")) {
            throw GraphError.of(413, "ErrorAttachmentSizeLimitExceeded", "The attachment is too large.");
        }
        String address = "Users('" + mailbox.owner().oid() + "@"
                + mailbox.owner().tenant().id() + "')/Messages('" + call.id(1) + "')";
        Transfers.Opened opened = transfers.open(
                call,
                new AttachmentUpload(
                        "https://outlook.office.com/api/v2.0/$metadata#" + address,
                        switches.number("uploads.attachment.piece"),
                        OptionalLong.of(size),
                        content -> call.base() + "/" + address(mailbox, call.id(1)) + "/attachments('"
                                + attach(mailbox, item, wanted, content) + "')"),
                "/api/v2.0/" + address + "/AttachmentSessions('"
                        + MailIds.item(mailbox.owner().oid()) + "')",
                "authtoken");
        ObjectNode session = Json.object()
                .put("@odata.context", call.context("microsoft.graph.uploadSession"))
                .put("uploadUrl", opened.url())
                .put("expirationDateTime", Json.millis(opened.expires()));
        session.putArray("nextExpectedRanges").add("0-");
        return Reply.created(session);
    }

    /** @return the id of the attachment */
    private String attach(Mailbox mailbox, MailItem item, JsonNode wanted, byte[] content) {
        String id = MailIds.item(mailbox.owner().oid());
        ObjectNode attachment = Json.object()
                .put("@odata.type", "#microsoft.graph.fileAttachment")
                .put("id", id)
                .put("lastModifiedDateTime", Json.seconds(clock.instant()))
                .put("name", wanted.path("name").asText())
                .put("contentType", wanted.path("contentType").asText("application/octet-stream"))
                .put("size", content.length)
                .put("isInline", wanted.path("isInline").asBoolean())
                .put("contentBytes", content);
        mailbox.change(item, entity -> {
            ArrayNode all =
                    entity.path(ATTACHMENTS) instanceof ArrayNode others ? others : entity.putArray(ATTACHMENTS);
            all.add(attachment);
            entity.put("hasAttachments", true);
        });
        return id;
    }

    private static String address(Mailbox mailbox, String message) {
        return MailCalls.userContext(mailbox) + "/messages('" + message + "')";
    }
}
