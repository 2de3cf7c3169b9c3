package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.GraphPath;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;

/** The calls on chats and their members. */
final class ChatCalls {

    private static final String CHAT = "/chats/{id}";
    private static final String OF_USER = "/users/{id}/chats";

    private final ChatStore store;
    private final Directory directory;
    private final Paging paging;

    ChatCalls(ChatStore store, Directory directory, Switches switches) {
        this.store = store;
        this.directory = directory;
        this.paging = new Paging(switches, "paging.chats");
    }

    void addTo(RouteTable routes) {
        add(routes, "GET", "/chats", this::list);
        add(routes, "POST", "/chats", this::make);
        add(routes, "GET", CHAT, call -> get(call, 0));
        add(routes, "GET", CHAT + "/members", call -> members(call, 0));
        add(routes, "POST", CHAT + "/members", this::addMember);
        add(routes, "GET", OF_USER, this::list);
        add(routes, "GET", OF_USER + "/{id}", call -> get(call, 1));
        add(routes, "GET", OF_USER + "/{id}/members", call -> members(call, 1));
        for (String mark : List.of(
                "markChatReadForUser",
                "markChatUnreadForUser",
                "hideForUser",
                "unhideForUser",
                "removeAllAccessForUser")) {
            add(routes, "POST", CHAT + "/" + mark, this::mark);
        }
        for (String step : List.of("startMigration", "completeMigration", "unhideChatForAllUsers")) {
            add(routes, "POST", CHAT + "/" + step, call -> {
                store.opened(call.caller(), call.id(0));
                return Reply.noContent();
            });
        }
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.TEAMS, handler));
    }

    /** Object id of him whose chats are meant: one's own, or anybody's of the tenant for an app. */
    static String owner(Directory directory, Caller caller, String oidOrUpn) {
        String oid = directory
                .user(oidOrUpn)
                .filter(account -> account.tenant().id().equals(caller.tenantId()))
                .map(UserAccount::oid)
                .orElseThrow(() -> GraphError.notFound("NotFound: no user '" + oidOrUpn + "'."));
        if (!caller.isApp() && !oid.equals(caller.id())) {
            throw GraphError.forbidden("Forbidden: the chats of somebody else cannot be read.");
        }
        return oid;
    }

    private Reply list(Call call) {
        Paging.onlyOptions(call.query(), Set.of("top", "expand", "orderby", "filter", "skiptoken"));
        boolean everybody = call.template().equals("/chats");
        List<Chat> chats = everybody && call.caller().isApp()
                ? store.all()
                : store.of(everybody ? call.caller().id() : owner(directory, call.caller(), call.owner()));
        List<ObjectNode> shown = chats.stream()
                .map(chat -> shown(call, chat))
                .map(ObjectNode.class::cast)
                .toList();
        return paging.page(call, "chats", shown);
    }

    private Reply get(Call call, int at) {
        ObjectNode shown = Json.object().put("@odata.context", call.context("chats/$entity"));
        return Reply.ok(shown.setAll(shown(call, store.opened(call.caller(), call.id(at)))));
    }

    private ObjectNode shown(Call call, Chat chat) {
        ObjectNode shown = Json.object()
                .put("id", chat.id)
                .put("topic", chat.topic.orElse(null))
                .put("createdDateTime", Json.millis(chat.createdAt))
                .put("lastUpdatedDateTime", Json.millis(chat.lastUpdatedAt))
                .put("chatType", chat.type)
                .put(
                        "webUrl",
                        "https://teams.microsoft.com/l/chat/" + chat.id.replace(":", "%3A") + "/0?tenantId="
                                + chat.tenantId)
                .put("tenantId", chat.tenantId)
                .putNull("onlineMeetingInfo");
        String expand = call.query().text("expand").orElse("");
        if (expand.contains("members")) {
            shown.set("members", members(chat));
        }
        if (expand.contains("lastMessagePreview")) {
            List<ObjectNode> messages = chat.messages();
            if (messages.isEmpty()) {
                shown.putNull("lastMessagePreview");
            } else {
                ObjectNode last = messages.get(messages.size() - 1);
                ObjectNode preview = shown.putObject("lastMessagePreview")
                        .put("id", last.path("id").asText());
                preview.set("createdDateTime", last.get("createdDateTime"));
                preview.put("isDeleted", last.path("deletedDateTime").isTextual());
                preview.set("body", last.get("body").deepCopy());
            }
        }
        return shown;
    }

    private Reply members(Call call, int at) {
        Chat chat = store.opened(call.caller(), call.id(at));
        ArrayNode members = members(chat);
        ObjectNode page = Json.object().put("@odata.context", call.context("chats('" + chat.id + "')/members"));
        page.put("@odata.count", members.size());
        page.set("value", members);
        return Reply.ok(page);
    }

    private ArrayNode members(Chat chat) {
        ArrayNode members = Json.array();
        for (String oid : chat.members) {
            directory.userByOid(oid).ifPresent(user -> {
                ObjectNode member = members.addObject()
                        .put("@odata.type", "#microsoft.graph.aadUserConversationMember")
                        .put("id", chat.id + "##" + oid);
                member.putArray("roles").add("owner");
                member.put("displayName", user.displayName())
                        .put("visibleHistoryStartDateTime", "0001-01-01T00:00:00Z")
                        .put("userId", oid)
                        .put("email", user.upn())
                        .put("tenantId", user.tenant().id());
            });
        }
        return members;
    }

    private Reply make(Call call) {
        ObjectNode body = call.body();
        String type = body.path("chatType").asText("");
        if (!Set.of("oneOnOne", "group").contains(type)) {
            throw GraphError.badRequest("Invalid value for chatType: '" + type + "'.");
        }
        List<String> members = new ArrayList<>();
        body.path("members").forEach(member -> members.add(member(member)));
        if (members.isEmpty() || (type.equals("oneOnOne") && members.size() != 2)) {
            throw GraphError.badRequest("A one on one chat has two members.");
        }
        if (!call.caller().isApp() && !members.contains(call.caller().id())) {
            throw GraphError.badRequest("The caller must be one of the members specified in request body.");
        }
        Optional<String> topic = Optional.ofNullable(body.path("topic").textValue());
        Chat chat = store.make(call.caller().tenantId(), type, topic, members);
        ObjectNode shown = Json.object().put("@odata.context", call.context("chats/$entity"));
        return Reply.created(shown.setAll(shown(call, chat)));
    }

    private Reply addMember(Call call) {
        Chat chat = store.opened(call.caller(), call.id(0));
        if (chat.type.equals("oneOnOne")) {
            throw GraphError.badRequest("Members cannot be added to a one on one chat.");
        }
        store.join(chat, member(call.body()));
        return Reply.created(Json.object());
    }

    /** {@code user@odata.bind} names a user by an absolute URL. */
    private String member(JsonNode member) {
        List<String> parts = GraphPath.segments(member.path("user@odata.bind").asText());
        String user = parts.isEmpty() ? "" : parts.get(parts.size() - 1);
        return directory
                .user(user)
                .map(UserAccount::oid)
                .orElseThrow(() -> GraphError.badRequest("Bad Request: user '" + user + "' does not exist."));
    }

    private Reply mark(Call call) {
        store.opened(call.caller(), call.id(0));
        String user = call.body().at("/user/id").asText("");
        if (!user.equals(call.caller().id())) {
            throw GraphError.forbidden("The user id in the body is not that of the signed-in user.");
        }
        return Reply.noContent();
    }
}
