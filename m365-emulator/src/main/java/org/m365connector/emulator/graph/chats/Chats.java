package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Permissions;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;

/** One seeded chat of two, its messages, and who may do what there. Nothing is told to subscriptions. */
public final class Chats {

    private static final String CHAT = "/chats/{id}";
    private static final String OF_USER = "/users/{id}/chats";
    private static final String MESSAGE = OF_USER + "/{id}/messages/{id}";
    private static final List<String> MEMBERS = List.of(Seed.ADA_OID, Seed.BEN_OID);

    private final Directory directory;
    private final Permissions permissions;
    private final Switches switches;
    private final Clock clock;
    private final Map<String, ObjectNode> messages = new LinkedHashMap<>();

    public Chats(Directory directory, Permissions permissions, Switches switches, Clock clock) {
        this.directory = directory;
        this.permissions = permissions;
        this.switches = switches;
        this.clock = clock;
    }

    public void reset() {
        messages.clear();
    }

    public void addTo(RouteTable routes) {
        add(routes, "GET", "/chats", this::list);
        add(routes, "GET", CHAT, call -> Reply.ok(shown(chat(call, 0))));
        add(routes, "GET", OF_USER, this::list);
        add(routes, "GET", OF_USER + "/{id}", call -> Reply.ok(shown(chat(call, 1))));
        add(routes, "GET", OF_USER + "/getAllMessages", this::everyMessage);
        add(routes, "GET", OF_USER + "/getAllRetainedMessages", this::everyMessage);
        add(routes, "GET", CHAT + "/messages", this::messages);
        routes.add(Route.unchecked("POST", CHAT + "/messages", this::post));
        add(routes, "POST", CHAT + "/messages/forwardToChat", this::forward);
        add(routes, "POST", CHAT + "/messages/replyWithQuote", this::quote);
        // What only one of them sees is kept like what all see.
        add(
                routes,
                "DELETE",
                OF_USER + "/{id}/targetedMessages/{id}",
                call -> own(call, message -> deleted(message, true)));
        add(routes, "POST", MESSAGE + "/softDelete", call -> own(call, message -> deleted(message, true)));
        add(routes, "POST", MESSAGE + "/undoSoftDelete", call -> own(call, message -> deleted(message, false)));
        add(routes, "POST", MESSAGE + "/setReaction", this::react);
        add(routes, "POST", MESSAGE + "/unsetReaction", this::react);
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
                chat(call, 0);
                return Reply.noContent();
            });
        }
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.TEAMS, handler));
    }

    private Reply list(Call call) {
        String of = call.template().equals("/chats")
                ? call.caller().id()
                : directory.user(call.owner()).map(UserAccount::oid).orElse("");
        ObjectNode page = Json.object().put("@odata.context", call.context("chats"));
        ArrayNode value = page.putArray("value");
        if (call.caller().isApp()
                || (MEMBERS.contains(of) && of.equals(call.caller().id()))) {
            value.add(shown(Seed.CHAT_ID));
        }
        return Reply.ok(page.put("@odata.count", value.size()));
    }

    private static ObjectNode shown(String chat) {
        return Json.object()
                .put("id", chat)
                .putNull("topic")
                .put("chatType", "oneOnOne")
                .put("tenantId", Seed.TENANT_ID);
    }

    private Reply messages(Call call) {
        chat(call, 0);
        return everyMessage(call);
    }

    private Reply everyMessage(Call call) {
        ObjectNode page = Json.object().put("@odata.context", call.context("Collection(chatMessage)"));
        ArrayNode value = page.putArray("value");
        messages.values().forEach(message -> value.add(message.deepCopy()));
        return Reply.ok(page.put("@odata.count", value.size()));
    }

    private Future<Reply> post(Call call) {
        if (call.caller().isApp()) {
            throw GraphError.appOnlyMessagePost(switches.number("teams.appOnlyPostStatus"));
        }
        permissions.check(Workload.TEAMS, call.method(), call.template(), call.caller());
        return Future.succeededFuture(Reply.created(said(call, call.body().path("body"))));
    }

    private Reply quote(Call call) {
        requireMessages(call);
        return Reply.ok(said(call, call.body().at("/replyMessage/body")));
    }

    private Reply forward(Call call) {
        chat(call, 0);
        requireMessages(call);
        ObjectNode results = Json.object().put("@odata.context", call.context("Collection(actionResultPart)"));
        ArrayNode value = results.putArray("value");
        call.body().path("targetChatIds").forEach(chat -> value.addObject().put("targetChatId", chat.asText()));
        if (value.isEmpty()) {
            throw GraphError.badRequest("TargetChatIds are missing.");
        }
        return Reply.ok(results);
    }

    private void requireMessages(Call call) {
        JsonNode ids = call.body().path("messageIds");
        if (ids.isEmpty()) {
            throw GraphError.badRequest("MessageIds are missing.");
        }
        ids.forEach(id -> message(id.asText()));
    }

    private ObjectNode said(Call call, JsonNode body) {
        String chat = chat(call, 0);
        if (!body.path("content").isTextual()) {
            throw GraphError.badRequest("Missing body content");
        }
        String id = Long.toString(clock.millis() + messages.size());
        ObjectNode message = Json.object()
                .put("id", id)
                .put("messageType", "message")
                .put("createdDateTime", Json.millis(clock.instant()))
                .putNull("deletedDateTime")
                .put("chatId", chat);
        message.putObject("from")
                .putObject("user")
                .put("id", call.caller().id())
                .put("userIdentityType", "aadUser");
        message.putObject("body")
                .put("contentType", body.path("contentType").asText("text"))
                .put("content", body.get("content").textValue());
        message.putArray("reactions");
        messages.put(id, message);
        return message.deepCopy();
    }

    private Reply own(Call call, Consumer<ObjectNode> change) {
        chat(call, 1);
        ObjectNode message = message(call);
        if (!message.at("/from/user/id").asText().equals(call.caller().id())) {
            throw GraphError.forbidden("The user is not the author of the message.");
        }
        change.accept(message);
        return Reply.noContent();
    }

    private void deleted(ObjectNode message, boolean gone) {
        if (gone) {
            message.put("deletedDateTime", Json.millis(clock.instant()));
        } else {
            message.putNull("deletedDateTime");
        }
    }

    private Reply react(Call call) {
        chat(call, 1);
        Reactions.change(message(call), call, clock);
        return Reply.noContent();
    }

    private Reply mark(Call call) {
        chat(call, 0);
        String user = call.body().at("/user/id").asText("");
        if (!user.equals(call.caller().id())) {
            throw GraphError.forbidden("The user id in the body is not that of the signed-in user.");
        }
        return Reply.noContent();
    }

    private ObjectNode message(Call call) {
        return message(call.id(2));
    }

    private ObjectNode message(String id) {
        return Optional.ofNullable(messages.get(id)).orElseThrow(() -> GraphError.notFound("NotFound"));
    }

    private static String chat(Call call, int at) {
        String id = call.id(at);
        if (!id.equals(Seed.CHAT_ID)) {
            throw GraphError.notFound("NotFound: no chat '" + id + "'.");
        }
        if (!call.caller().isApp() && !MEMBERS.contains(call.caller().id())) {
            throw GraphError.forbidden("InsufficientPrivileges: the user is not a member of the chat.");
        }
        return id;
    }
}
