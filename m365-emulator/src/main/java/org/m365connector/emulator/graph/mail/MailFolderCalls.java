package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
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

/** The calls of mail folders. */
final class MailFolderCalls {

    private static final String FOLDERS = "/users/{id}/mailFolders";
    private static final String FOLDER = FOLDERS + "/{id}";

    private final Mailboxes mailboxes;
    private final DeltaRounds deltas;
    private final Switches switches;

    MailFolderCalls(Mailboxes mailboxes, DeltaRounds deltas, Switches switches) {
        this.mailboxes = mailboxes;
        this.deltas = deltas;
        this.switches = switches;
    }

    void addTo(RouteTable routes) {
        add(routes, "GET", FOLDERS, this::list);
        add(routes, "POST", FOLDERS, this::create);
        add(routes, "GET", FOLDERS + "/delta", this::delta);
        add(routes, "GET", FOLDER, this::get);
        add(routes, "PATCH", FOLDER, this::rename);
        add(routes, "DELETE", FOLDER, this::delete);
        add(routes, "POST", FOLDER + "/move", this::move);
        add(routes, "GET", FOLDER + "/childFolders", this::listChildren);
        add(routes, "POST", FOLDER + "/childFolders", this::createChild);
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.OUTLOOK, handler));
    }

    private Reply list(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        return page(call, mailbox, mailbox.folder("msgfolderroot"), "mailFolders");
    }

    private Reply listChildren(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailFolder parent = mailbox.folder(call.id(1));
        return page(call, mailbox, parent, "mailFolders('" + parent.id() + "')/childFolders");
    }

    private Reply page(Call call, Mailbox mailbox, MailFolder parent, String what) {
        List<MailFolder> folders = mailbox.foldersIn(parent).stream()
                .filter(folder -> !folder.hidden() || call.query().flag("includehiddenfolders"))
                .toList();
        int size = call.query().number("top", 1).orElse(switches.number("paging.mailFolders.default"));
        int from = Math.min(call.query().number("skip", 0).orElse(0), folders.size());
        int to = Math.min(from + size, folders.size());
        ObjectNode page =
                Json.object().put("@odata.context", call.context(MailCalls.userContext(mailbox) + "/" + what));
        ArrayNode value = page.putArray("value");
        folders.subList(from, to).forEach(folder -> value.add(shown(mailbox, folder)));
        if (to < folders.size()) {
            page.put("@odata.nextLink", call.link(call.query().with("skip", Integer.toString(to))));
        }
        return Reply.ok(page);
    }

    private Reply delta(Call call) {
        return deltas.page(call, new FolderTreeDelta(mailboxes.opened(call), switches));
    }

    private Reply get(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        return Reply.ok(entity(call, mailbox, mailbox.folder(call.id(1))));
    }

    private Reply create(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        return made(call, mailbox, mailbox.folder("msgfolderroot"));
    }

    private Reply createChild(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        return made(call, mailbox, mailbox.folder(call.id(1)));
    }

    private static Reply made(Call call, Mailbox mailbox, MailFolder parent) {
        return Reply.created(entity(call, mailbox, mailbox.makeFolder(parent, name(call))));
    }

    private Reply rename(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailFolder folder = mailbox.folder(call.id(1));
        mailbox.renameFolder(folder, name(call));
        return Reply.ok(entity(call, mailbox, folder));
    }

    private Reply move(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        MailFolder folder = mailbox.folder(call.id(1));
        mailbox.moveFolder(
                folder,
                mailbox.folder(MailCalls.member(call.body(), "destinationId")
                        .map(destination -> destination.asText())
                        .orElse("")));
        return Reply.created(entity(call, mailbox, folder));
    }

    private Reply delete(Call call) {
        Mailbox mailbox = mailboxes.opened(call);
        mailbox.deleteFolder(mailbox.folder(call.id(1)));
        return Reply.noContent();
    }

    private static String name(Call call) {
        String name = call.body().path("displayName").asText("");
        if (name.isBlank()) {
            throw GraphError.of(400, "ErrorInvalidArgument", "The folder needs a display name.");
        }
        return name;
    }

    private static ObjectNode entity(Call call, Mailbox mailbox, MailFolder folder) {
        ObjectNode shown = Json.object()
                .put("@odata.context", call.context(MailCalls.userContext(mailbox) + "/mailFolders/$entity"));
        return shown.setAll(shown(mailbox, folder));
    }

    static ObjectNode shown(Mailbox mailbox, MailFolder folder) {
        return Json.object()
                .put("id", folder.id())
                .put("displayName", folder.displayName())
                .put("parentFolderId", folder.parentId().orElse(null))
                .put("childFolderCount", mailbox.foldersIn(folder).size())
                .put("unreadItemCount", mailbox.count(folder, true))
                .put("totalItemCount", mailbox.count(folder, false))
                .put("isHidden", folder.hidden());
    }
}
