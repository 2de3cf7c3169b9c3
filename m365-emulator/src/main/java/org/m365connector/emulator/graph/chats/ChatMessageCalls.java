package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.delta.HeldBack;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Filter;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Permissions;
import org.m365connector.emulator.graph.protocol.Query;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;

/** The calls on messages of chats. There is no delta; a listing is sorted and filtered by one and the same time. */
final class ChatMessageCalls {

    private static final String CHAT = "/chats/{id}";
    private static final String OF_USER = "/users/{id}/chats";
    private static final Set<String> TIMES = Set.of("createdDateTime", "lastModifiedDateTime");
    private static final String LATER = "(?i)\\s*%s\\s+(gt|lt)\\s+\\S+(\\s+and\\s+%s\\s+(gt|lt)\\s+\\S+)?\\s*";

    private final ChatStore store;
    private final Directory directory;
    private final Permissions permissions;
    private final HeldBack heldBack;
    private final Switches switches;
    private final Clock clock;
    private final Paging paging;

    ChatMessageCalls(
            ChatStore store,
            Directory directory,
            Permissions permissions,
            HeldBack heldBack,
            Switches switches,
            Clock clock) {
        this.store = store;
        this.directory = directory;
        this.permissions = permissions;
        this.heldBack = heldBack;
        this.switches = switches;
        this.clock = clock;
        this.paging = new Paging(switches, "paging.chatMessages");
    }

    void addTo(RouteTable routes) {
        add(routes, "GET", OF_USER + "/getAllMessages", this::everyMessage);
        add(routes, "GET", OF_USER + "/getAllRetainedMessages", this::everyMessage);
        for (String chat : List.of(CHAT, OF_USER + "/{id}")) {
            add(routes, "GET", chat + "/messages", this::list);
            add(routes, "GET", chat + "/messages/{id}", this::get);
            routes.add(Route.unchecked("POST", chat + "/messages", this::post));
            add(
                    routes,
                    "PATCH",
                    chat + "/messages/{id}",
                    call -> own(call, (in, message) -> in.edit(message, edit(call))));
        }
        add(routes, "POST", CHAT + "/messages/forwardToChat", this::forward);
        add(routes, "POST", CHAT + "/messages/replyWithQuote", this::quote);
        // What only one of them sees is kept like what all see.
        add(routes, "DELETE", OF_USER + "/{id}/targetedMessages/{id}", call -> own(call, Chat::softDelete));
        String message = OF_USER + "/{id}/messages/{id}";
        add(routes, "POST", message + "/softDelete", call -> own(call, Chat::softDelete));
        add(routes, "POST", message + "/undoSoftDelete", call -> own(call, Chat::undoSoftDelete));
        add(routes, "POST", message + "/setReaction", this::react);
        add(routes, "POST", message + "/unsetReaction", this::react);
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.TEAMS, handler));
    }

    private Reply list(Call call) {
        Chat chat = chat(call);
        Paging.onlyOptions(call.query(), Set.of("top", "orderby", "filter", "skiptoken"));
        List<ObjectNode> found = new ArrayList<>(chat.messages());
        String sortedBy = sortedBy(call.query());
        call.query().text("filter").ifPresent(text -> {
            Filter filter = filter(text, sortedBy);
            found.removeIf(message -> !filter.matches(message) || heldBack.isHeld(call));
        });
        found.sort(Comparator.comparing(
                        (ObjectNode message) -> message.path(sortedBy).asText())
                .reversed());
        List<ObjectNode> shown =
                found.stream().map(message -> shown(call, message)).toList();
        return paging.page(call, "chats('" + chat.id + "')/messages", shown);
    }

    private static String sortedBy(Query query) {
        String asked = query.text("orderby").orElse("createdDateTime desc").trim();
        return TIMES.stream()
                .filter(time -> asked.matches("(?i)" + time + "\\s+desc"))
                .findFirst()
                .orElseThrow(() -> GraphError.badRequest("QueryOptions to order by '" + asked + "' is not supported."));
    }

    private static Filter filter(String text, String sortedBy) {
        if (!text.matches(LATER.formatted(sortedBy, sortedBy))) {
            throw GraphError.badRequest(
                    "Invalid filter clause: messages of chats are filtered by the property that they"
                            + " are sorted by, with gt and lt.");
        }
        return Filter.parse(text);
    }

    /** Of all chats of one person; for apps only. */
    private Reply everyMessage(Call call) {
        Paging.onlyOptions(call.query(), Set.of("top", "filter", "skiptoken", "model"));
        String oid = ChatCalls.owner(directory, call.caller(), call.owner());
        Optional<Filter> filter =
                call.query().text("filter").map(text -> filter(text, text.trim().split("\\s+", -1)[0]));
        List<ObjectNode> found = new ArrayList<>();
        store.of(oid).forEach(chat -> chat.messages().stream()
                .filter(message -> filter.map(asked -> asked.matches(message)).orElse(true))
                .forEach(message -> found.add(shown(call, message))));
        return paging.page(call, "Collection(chatMessage)", found);
    }

    private Reply get(Call call) {
        return Reply.ok(entity(call, message(call)));
    }

    private Future<Reply> post(Call call) {
        if (call.caller().isApp()) {
            throw GraphError.appOnlyMessagePost(switches.number("teams.appOnlyPostStatus"));
        }
        permissions.check(Workload.TEAMS, call.method(), call.template(), call.caller());
        return Future.succeededFuture(Reply.created(entity(call, said(call, call.body()))));
    }

    private Reply quote(Call call) {
        requireMessages(call);
        return Reply.ok(entity(call, said(call, call.body().path("replyMessage"))));
    }

    private ObjectNode said(Call call, JsonNode input) {
        UserAccount author =
                directory.userByOid(call.caller().id()).orElseThrow(() -> GraphError.forbidden("The user is unknown."));
        return chat(call).add(MessageContent.of(author, input));
    }

    private Reply forward(Call call) {
        chat(call);
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
        ids.forEach(id -> require(chat(call).find(id.asText())));
    }

    private static ObjectNode edit(Call call) {
        ObjectNode input = call.body();
        MessageContent.PROPERTIES.check(input);
        return input;
    }

    private Reply own(Call call, BiConsumer<Chat, ObjectNode> change) {
        ObjectNode message = message(call);
        if (!message.at("/from/user/id").asText().equals(call.caller().id())) {
            throw GraphError.forbidden("The user is not the author of the message.");
        }
        change.accept(chat(call), message);
        return Reply.noContent();
    }

    private Reply react(Call call) {
        ObjectNode message = message(call);
        chat(call).change(message, ChangeType.UPDATED, entity -> Reactions.change(entity, call, clock));
        return Reply.noContent();
    }

    private Chat chat(Call call) {
        boolean ofUser = isOfUser(call);
        if (ofUser) {
            ChatCalls.owner(directory, call.caller(), call.owner());
        }
        return store.opened(call.caller(), call.id(ofUser ? 1 : 0));
    }

    private ObjectNode message(Call call) {
        return require(chat(call).find(call.id(isOfUser(call) ? 2 : 1)));
    }

    private static boolean isOfUser(Call call) {
        String template = call.template().toLowerCase(Locale.ROOT);
        return template.startsWith("/users/") || template.startsWith("/me/");
    }

    private static ObjectNode require(Optional<ObjectNode> message) {
        return message.orElseThrow(() -> GraphError.notFound("NotFound"));
    }

    private static ObjectNode entity(Call call, ObjectNode message) {
        String chat = message.path("chatId").asText();
        ObjectNode shown = Json.object().put("@odata.context", call.context("chats('" + chat + "')/messages/$entity"));
        return shown.setAll(shown(call, message));
    }

    /** A kind of message that came later is named only to who asks for it. */
    private static ObjectNode shown(Call call, ObjectNode message) {
        ObjectNode shown = message.deepCopy();
        if (shown.path("messageType").asText().equals("systemEventMessage")
                && !call.prefer().unknownEnumMembers()) {
            shown.put("messageType", "unknownFutureValue");
        }
        return shown;
    }
}
