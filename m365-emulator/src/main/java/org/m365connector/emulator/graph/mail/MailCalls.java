package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;

/** The mail calls of Graph. */
final class MailCalls {

    private static final String FOLDER = "/users/{id}/mailFolders/{id}";
    private static final String MESSAGES = "/users/{id}/messages";

    private final Mailboxes mailboxes;
    private final MailMessages messages;
    private final PostOffice postOffice;
    private final MailListing listing;
    private final DeltaRounds deltas;
    private final Switches switches;
    private final Clock clock;

    MailCalls(
            Mailboxes mailboxes,
            MailMessages messages,
            PostOffice postOffice,
            DeltaRounds deltas,
            Switches switches,
            Clock clock) {
        this.mailboxes = mailboxes;
        this.messages = messages;
        this.postOffice = postOffice;
        this.listing = new MailListing(switches);
        this.deltas = deltas;
        this.switches = switches;
        this.clock = clock;
    }

    void addTo(RouteTable routes) {
        add(routes, "GET", MESSAGES, this::listAll);
        add(routes, "POST", MESSAGES, this::createDraft);
        add(routes, "GET", FOLDER + "/messages", this::listFolder);
        add(routes, "POST", FOLDER + "/messages", this::createInFolder);
        add(routes, "GET", FOLDER + "/messages/delta", this::delta);
        add(routes, "POST", "/users/{id}/sendMail", this::sendMail);
        for (String message : List.of(MESSAGES + "/{id}", FOLDER + "/messages/{id}")) {
            add(routes, "GET", message, this::get);
            add(routes, "PATCH", message, this::update);
            add(routes, "DELETE", message, this::delete);
            add(routes, "POST", message + "/move", this::move);
        }
        add(routes, "POST", MESSAGES + "/{id}/send", this::send);
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.OUTLOOK, handler));
    }

    private Reply listAll(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        List<MailItem> visible =
                mailbox.all().stream().filter(item -> !item.folder.hidden()).toList();
        return listing.page(call, userContext(mailbox) + "/messages", visible);
    }

    private Reply listFolder(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailFolder folder = mailbox.folder(call.id(1));
        return listing.page(
                call, userContext(mailbox) + "/mailFolders('" + folder.id() + "')/messages", mailbox.in(folder));
    }

    private Reply delta(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        return deltas.page(call, new FolderDelta(mailbox, mailbox.folder(call.id(1)), switches));
    }

    private Reply get(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        return shown(call, mailbox, found(call, mailbox), false);
    }

    private Reply createDraft(Call call) {
        return create(call, mailboxes.opened(call), "drafts");
    }

    private Reply createInFolder(Call call) {
        return create(call, mailboxes.opened(call), call.id(1));
    }

    private Reply create(Call call, Mailbox mailbox, String folder) {
        MailFolder target = mailbox.folder(folder);
        ObjectNode mail = messages.make(call.body(), mailbox.owner(), clock.instant());
        return shown(call, mailbox, mailbox.add(mail, target), true);
    }

    private Reply update(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailItem item = found(call, mailbox);
        checkVersion(call, item);
        ObjectNode input = call.body();
        ObjectNode changed = item.entity.deepCopy();
        messages.write(changed, input, item.isDraft());
        mailbox.change(item, entity -> entity.setAll(changed));
        return shown(call, mailbox, item, false);
    }

    private Reply delete(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailItem item = found(call, mailbox);
        checkVersion(call, item);
        delete(mailbox, item);
        return Reply.noContent();
    }

    /** First to Deleted Items, then to where nobody looks, then away. */
    static void delete(Mailbox mailbox, MailItem item) {
        if (item.folder.hidden()) {
            mailbox.remove(item);
        } else if (item.folder.is("deleteditems")) {
            mailbox.move(item, mailbox.folder("recoverableitemsdeletions"), mail -> {});
        } else {
            mailbox.move(item, mailbox.folder("deleteditems"), mail -> {});
        }
    }

    private Reply move(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailItem item = found(call, mailbox);
        String destination =
                member(call.body(), "destinationId").map(JsonNode::asText).orElse("");
        MailFolder target = mailbox.folder(destination);
        mailbox.move(item, target, mail -> {});
        return shown(call, mailbox, item, true);
    }

    private Reply send(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        postOffice.send(mailbox, mailbox.item(call.id(1)));
        return Reply.accepted();
    }

    private Reply sendMail(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        if (call.header("Content-Type").orElse("").toLowerCase(Locale.ROOT).startsWith("text/plain")) {
            return sendMime(call, mailbox);
        }
        ObjectNode body = call.body();
        Optional<JsonNode> message = member(body, "message");
        if (message.isEmpty() || !message.get().isObject()) {
            throw GraphError.of(400, "ErrorInvalidRequest", "The message to send is missing.");
        }
        boolean save = member(body, "saveToSentItems")
                .map(value -> !value.asText().equalsIgnoreCase("false"))
                .orElse(true);
        postOffice.send(mailbox, messages.make(message.get(), mailbox.owner(), clock.instant()), save);
        return Reply.accepted();
    }

    private Reply sendMime(Call call, Mailbox mailbox) {
        ObjectNode mail;
        try {
            byte[] mime = Base64.getMimeDecoder().decode(call.rawBody());
            mail = Mime.read(new String(mime, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw GraphError.of(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.");
        }
        postOffice.send(mailbox, messages.make(mail, mailbox.owner(), clock.instant()), true);
        return Reply.accepted();
    }

    /** Parameters of actions are written with a small letter in the documentation and with a capital one by the SDKs. */
    static Optional<JsonNode> member(ObjectNode body, String name) {
        return body.properties().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(name))
                .map(entry -> entry.getValue())
                .findFirst();
    }

    static MailItem found(Call call, Mailbox mailbox) {
        if (call.template().toLowerCase(Locale.ROOT).contains("/mailfolders/{id}/messages/{id}")) {
            MailFolder folder = mailbox.folder(call.id(1));
            MailItem item = mailbox.item(call.id(2));
            if (!item.folder.equals(folder)) {
                throw GraphError.itemNotFound();
            }
            return item;
        }
        return mailbox.item(call.id(1));
    }

    private static void checkVersion(Call call, MailItem item) {
        String wanted = call.header("If-Match").orElse("*");
        if (!wanted.equals("*") && !wanted.equals(item.etag())) {
            throw GraphError.of(
                    412,
                    "ErrorIrresolvableConflict",
                    "The send or update operation could not be performed because the change key passed in the request"
                            + " does not match the current change key for the item.");
        }
    }

    private static Reply shown(Call call, Mailbox mailbox, MailItem item, boolean created) {
        MailView view = MailView.of(call);
        String selection = view.selected().isEmpty() ? "" : "(" + String.join(",", view.selected()) + ")";
        ObjectNode shown = Json.object()
                .put("@odata.context", call.context(userContext(mailbox) + "/messages" + selection + "/$entity"));
        shown.setAll(MailMessages.shown(item, view));
        if (!created) {
            return Reply.ok(shown).withHeader("ETag", item.etag());
        }
        return Reply.created(shown)
                .withHeader("ETag", item.etag())
                .withHeader(
                        "Location",
                        call.base() + "/" + userContext(mailbox) + "/messages('" + item.id(view.immutableIds()) + "')");
    }

    static String userContext(Mailbox mailbox) {
        return "users('" + mailbox.owner().oid() + "')";
    }
}
