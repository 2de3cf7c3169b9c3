package org.m365connector.emulator.graph.teams;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.chats.MessageContent;
import org.m365connector.emulator.graph.chats.Paging;
import org.m365connector.emulator.graph.chats.Reactions;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Permissions;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;

/** The Teams calls of Graph. */
final class TeamsCalls {

    private static final String TEAM = "/teams/{id}";
    private static final String CHANNEL = TEAM + "/channels/{id}";
    private static final String MESSAGE = CHANNEL + "/messages/{id}";
    private static final String REPLY = MESSAGE + "/replies/{id}";

    private static final int LONGEST_NAME = 50;

    private final TeamsStore store;
    private final Directory directory;
    private final Permissions permissions;
    private final DeltaRounds deltas;
    private final Switches switches;
    private final Clock clock;
    private final Paging paging;

    TeamsCalls(
            TeamsStore store,
            Directory directory,
            Permissions permissions,
            DeltaRounds deltas,
            Switches switches,
            Clock clock) {
        this.store = store;
        this.directory = directory;
        this.permissions = permissions;
        this.deltas = deltas;
        this.switches = switches;
        this.clock = clock;
        this.paging = new Paging(switches, "paging.channelMessages");
    }

    void addTo(RouteTable routes) {
        add(routes, "GET", "/users/{id}/joinedTeams", this::joinedTeams);
        add(routes, "GET", TEAM, this::getTeam);
        add(routes, "GET", TEAM + "/members", this::members);
        add(routes, "GET", TEAM + "/channels", this::channels);
        add(routes, "POST", TEAM + "/channels", this::makeChannel);
        add(routes, "GET", CHANNEL, this::getChannel);
        add(routes, "DELETE", CHANNEL, call -> {
            store.removeChannel(channel(call));
            return Reply.noContent();
        });
        add(routes, "GET", CHANNEL + "/messages", this::messages);
        add(routes, "GET", CHANNEL + "/messages/delta", this::delta);
        add(routes, "GET", MESSAGE, this::getMessage);
        add(routes, "GET", MESSAGE + "/replies", this::replies);
        add(routes, "GET", REPLY, this::getReply);
        for (String message : List.of(MESSAGE, REPLY)) {
            add(routes, "PATCH", message, this::edit);
            add(routes, "POST", message + "/softDelete", this::softDelete);
            add(routes, "POST", message + "/undoSoftDelete", this::undoSoftDelete);
            add(routes, "POST", message + "/setReaction", this::react);
            add(routes, "POST", message + "/unsetReaction", this::react);
        }
        add(routes, "POST", MESSAGE + "/forwardToChat", this::forward);
        add(routes, "GET", TEAM + "/channels/getAllMessages", this::everyMessage);
        add(routes, "GET", TEAM + "/channels/getAllRetainedMessages", this::everyMessage);
        add(routes, "POST", CHANNEL + "/provisionEmail", this::provisionEmail);
        add(routes, "POST", CHANNEL + "/removeEmail", this::removeEmail);
        for (String step : List.of("startMigration", "completeMigration")) {
            add(routes, "POST", CHANNEL + "/" + step, call -> {
                channel(call);
                return Reply.noContent();
            });
        }
        routes.add(Route.unchecked("POST", CHANNEL + "/messages", this::post));
        routes.add(Route.unchecked("POST", MESSAGE + "/replies", this::post));
    }

    private void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.TEAMS, call -> {
            checkLicensed(call.caller());
            return handler.apply(call);
        }));
    }

    /** An app needs no licence. */
    private void checkLicensed(Caller caller) {
        boolean licensed = caller.isApp()
                || directory
                        .userByOid(caller.id())
                        .filter(UserAccount::teamsLicensed)
                        .isPresent();
        if (!licensed) {
            throw GraphError.notLicensed();
        }
    }

    // Teams and channels

    private Reply joinedTeams(Call call) {
        UserAccount user = directory
                .user(call.owner())
                .filter(account -> account.tenant().id().equals(call.caller().tenantId()))
                .orElseThrow(() -> GraphError.directoryObjectNotFound(call.owner()));
        if (!call.caller().isApp() && !user.oid().equals(call.caller().id())) {
            throw GraphError.forbidden("Only the teams of the signed-in user can be listed.");
        }
        ObjectNode page = Json.object().put("@odata.context", call.context("teams"));
        ArrayNode value = Json.array();
        store.teams().stream().filter(team -> team.has(user.oid())).forEach(team -> {
            ObjectNode shown = Json.object();
            shown.put("id", team.id).putNull("createdDateTime");
            shown.put("displayName", team.displayName).put("description", team.displayName);
            shown.putNull("internalId").putNull("classification").putNull("specialization");
            shown.put("visibility", "private").putNull("webUrl").put("isArchived", false);
            shown.put("tenantId", team.tenantId);
            value.add(shown);
        });
        page.put("@odata.count", value.size());
        page.set("value", value);
        return Reply.ok(page);
    }

    private Reply getTeam(Call call) {
        Team team = team(call);
        ObjectNode shown = Json.object().put("@odata.context", call.context("teams/$entity"));
        shown.put("id", team.id).put("createdDateTime", Json.millis(team.createdAt));
        shown.put("displayName", team.displayName).put("description", team.displayName);
        shown.put("internalId", "19:" + team.id.replace("-", "") + "@thread.tacv2");
        shown.putNull("classification").put("specialization", "none").put("visibility", "private");
        shown.put("webUrl", "https://teams.microsoft.com/l/team/" + encoded(team.id) + "?tenantId=" + team.tenantId);
        shown.put("isArchived", false).put("tenantId", team.tenantId);
        shown.putObject("memberSettings")
                .put("allowCreateUpdateChannels", true)
                .put("allowDeleteChannels", true)
                .put("allowAddRemoveApps", true)
                .put("allowCreateUpdateRemoveTabs", true)
                .put("allowCreateUpdateRemoveConnectors", true);
        shown.putObject("guestSettings").put("allowCreateUpdateChannels", false).put("allowDeleteChannels", false);
        shown.putObject("messagingSettings")
                .put("allowUserEditMessages", true)
                .put("allowUserDeleteMessages", true)
                .put("allowOwnerDeleteMessages", true)
                .put("allowTeamMentions", true)
                .put("allowChannelMentions", true);
        shown.putObject("funSettings")
                .put("allowGiphy", true)
                .put("giphyContentRating", "moderate")
                .put("allowStickersAndMemes", true)
                .put("allowCustomMemes", true);
        return Reply.ok(shown);
    }

    private Reply members(Call call) {
        Team team = team(call);
        ObjectNode page = Json.object().put("@odata.context", call.context("teams('" + team.id + "')/members"));
        List<String> all = new ArrayList<>(team.owners);
        all.addAll(team.members);
        page.put("@odata.count", all.size());
        ArrayNode value = page.putArray("value");
        for (String oid : all) {
            directory.userByOid(oid).ifPresent(user -> {
                ObjectNode member = value.addObject()
                        .put("@odata.type", "#microsoft.graph.aadUserConversationMember")
                        .put("id", encoded(team.id + "##" + oid));
                ArrayNode roles = member.putArray("roles");
                if (team.owners.contains(oid)) {
                    roles.add("owner");
                }
                member.put("displayName", user.displayName())
                        .put("visibleHistoryStartDateTime", "0001-01-01T00:00:00Z")
                        .put("userId", oid)
                        .put("email", user.upn())
                        .put("tenantId", user.tenant().id());
            });
        }
        return Reply.ok(page);
    }

    private Reply channels(Call call) {
        Team team = team(call);
        ObjectNode page = Json.object().put("@odata.context", call.context("teams('" + team.id + "')/channels"));
        page.put("@odata.count", team.channels.size());
        ArrayNode value = page.putArray("value");
        team.channels.values().forEach(channel -> value.add(shown(channel)));
        return Reply.ok(page);
    }

    private Reply makeChannel(Call call) {
        String name = call.body().path("displayName").asText("");
        if (name.isBlank() || name.length() > LONGEST_NAME) {
            throw GraphError.badRequest("Channel display name is not valid.");
        }
        Channel channel = store.makeChannel(team(call), name);
        ObjectNode shown = Json.object()
                .put("@odata.context", call.context("teams('" + channel.team().id + "')/channels/$entity"));
        return Reply.created(shown.setAll(shown(channel)));
    }

    private Reply getChannel(Call call) {
        Channel channel = channel(call);
        ObjectNode shown = Json.object()
                .put("@odata.context", call.context("teams('" + channel.team().id + "')/channels/$entity"));
        return Reply.ok(shown.setAll(shown(channel)));
    }

    static ObjectNode shown(Channel channel) {
        return Json.object()
                .put("id", channel.id)
                .put("createdDateTime", Json.millis(channel.createdAt))
                .put("displayName", channel.displayName)
                .put("description", channel.displayName)
                .putNull("isFavoriteByDefault")
                .put("email", "")
                .put("tenantId", channel.team().tenantId)
                .put(
                        "webUrl",
                        "https://teams.microsoft.com/l/channel/" + encoded(channel.id) + "/"
                                + encoded(channel.displayName) + "?groupId=" + channel.team().id + "&tenantId="
                                + channel.team().tenantId)
                .put("membershipType", "standard")
                .put("isArchived", false);
    }

    // Messages

    private Reply messages(Call call) {
        Channel channel = channel(call);
        Paging.onlyOptions(call.query(), Set.of("top", "expand", "skiptoken"));
        Optional<String> expand = call.query().text("expand");
        expand.ifPresent(TeamsCalls::checkExpand);
        List<ChannelMessage> posts = new ArrayList<>(channel.roots());
        posts.sort(Comparator.comparingLong((ChannelMessage post) -> post.threadChangedAt)
                .reversed());
        List<ObjectNode> shown = posts.stream()
                .map(post -> expand.isPresent() ? withReplies(call, channel, post) : post.entity.deepCopy())
                .toList();
        return paging.page(call, channelContext(channel) + "/messages", shown);
    }

    /** The newest come first. */
    private Reply replies(Call call) {
        Channel channel = channel(call);
        ChannelMessage root = message(channel, call.id(2));
        Paging.onlyOptions(call.query(), Set.of("top", "skiptoken"));
        List<ObjectNode> shown = new ArrayList<>();
        channel.repliesTo(root.id()).forEach(reply -> shown.add(0, reply.entity.deepCopy()));
        return paging.page(call, channelContext(channel) + "/messages('" + root.id() + "')/replies", shown);
    }

    /** Of a long thread the newest, and where the others are. */
    private ObjectNode withReplies(Call call, Channel channel, ChannelMessage post) {
        ObjectNode shown = post.entity.deepCopy();
        List<ChannelMessage> replies = channel.repliesTo(post.id());
        int most = switches.number("paging.channelReplies.expanded");
        ArrayNode list = shown.putArray("replies");
        replies.subList(Math.max(0, replies.size() - most), replies.size())
                .forEach(reply -> list.add(reply.entity.deepCopy()));
        if (replies.size() > most) {
            shown.put(
                    "replies@odata.nextLink",
                    call.base() + "/teams/" + channel.team().id + "/channels/" + encoded(channel.id) + "/messages/"
                            + post.id() + "/replies?$skiptoken=" + paging.skipToken(most));
        }
        return shown;
    }

    private Reply delta(Call call) {
        return deltas.page(call, new ChannelDelta(channel(call), this::withReplies, switches, clock));
    }

    private Reply getMessage(Call call) {
        Channel channel = channel(call);
        return Reply.ok(entity(call, channel, root(channel, call.id(2))));
    }

    private Reply getReply(Call call) {
        Channel channel = channel(call);
        return Reply.ok(entity(call, channel, reply(call, channel)));
    }

    private Future<Reply> post(Call call) {
        Caller caller = call.caller();
        if (caller.isApp()) {
            throw GraphError.appOnlyMessagePost(switches.number("teams.appOnlyPostStatus"));
        }
        permissions.check(Workload.TEAMS, call.method(), call.template(), caller);
        checkLicensed(caller);
        Channel channel = channel(call);
        Optional<String> replyTo = call.template().endsWith("/replies")
                ? Optional.of(root(channel, call.id(2)).id())
                : Optional.empty();
        UserAccount author =
                directory.userByOid(caller.id()).orElseThrow(() -> GraphError.forbidden("The user is unknown."));
        ChannelMessage message = store.post(channel, author, call.body(), replyTo);
        return Future.succeededFuture(Reply.created(entity(call, channel, message)));
    }

    private Reply edit(Call call) {
        Channel channel = channel(call);
        ChannelMessage message = addressed(call, channel);
        checkAuthor(call, channel, message);
        ObjectNode input = call.body();
        MessageContent.PROPERTIES.check(input);
        store.edit(channel, message, input);
        return Reply.noContent();
    }

    private Reply softDelete(Call call) {
        Channel channel = channel(call);
        ChannelMessage message = addressed(call, channel);
        checkAuthor(call, channel, message);
        if (!message.deleted()) {
            store.softDelete(channel, message);
        }
        return Reply.noContent();
    }

    private Reply undoSoftDelete(Call call) {
        Channel channel = channel(call);
        ChannelMessage message = addressed(call, channel);
        checkAuthor(call, channel, message);
        if (message.deleted()) {
            store.undoSoftDelete(channel, message, ChangeType.UPDATED);
        }
        return Reply.noContent();
    }

    private Reply react(Call call) {
        Channel channel = channel(call);
        ChannelMessage message = addressed(call, channel);
        channel.change(message, ChangeType.UPDATED, entity -> Reactions.change(entity, call, clock));
        return Reply.noContent();
    }

    private Reply forward(Call call) {
        addressed(call, channel(call));
        if (!call.body().path("targetChatIds").isArray()) {
            throw GraphError.badRequest("TargetChatIds are missing.");
        }
        ObjectNode results = Json.object().put("@odata.context", call.context("Collection(actionResultPart)"));
        ArrayNode value = results.putArray("value");
        call.body().get("targetChatIds").forEach(chat -> value.addObject().put("targetChatId", chat.asText()));
        return Reply.ok(results);
    }

    private Reply everyMessage(Call call) {
        List<ObjectNode> shown = new ArrayList<>();
        team(call).channels.values().forEach(channel -> channel.roots()
                .forEach(post -> shown.add(post.entity.deepCopy())));
        return paging.page(call, "Collection(chatMessage)", shown);
    }

    private Reply provisionEmail(Call call) {
        Channel channel = channel(call);
        return Reply.ok(Json.object()
                .put("@odata.context", call.context("microsoft.graph.provisionChannelEmailResult"))
                .put("email", channel.displayName + "." + channel.team().id + "@contoso.example"));
    }

    private Reply removeEmail(Call call) {
        channel(call);
        return Reply.noContent();
    }

    private static void checkAuthor(Call call, Channel channel, ChannelMessage message) {
        String oid = call.caller().id();
        boolean own = message.author().filter(oid::equals).isPresent();
        boolean ownerDeletes = channel.team().owners.contains(oid)
                && call.template().toLowerCase(Locale.ROOT).endsWith("delete");
        if (!own && !ownerDeletes) {
            throw GraphError.forbidden("The user is not the author of the message.");
        }
    }

    private static ChannelMessage addressed(Call call, Channel channel) {
        return call.template().contains("/replies/") ? reply(call, channel) : root(channel, call.id(2));
    }

    private static ChannelMessage root(Channel channel, String id) {
        return Optional.of(message(channel, id))
                .filter(message -> message.replyToId().isEmpty())
                .orElseThrow(TeamsCalls::messageNotFound);
    }

    private static ChannelMessage reply(Call call, Channel channel) {
        return Optional.of(message(channel, call.id(3)))
                .filter(message ->
                        message.replyToId().filter(call.id(2)::equals).isPresent())
                .orElseThrow(TeamsCalls::messageNotFound);
    }

    private static ChannelMessage message(Channel channel, String id) {
        return channel.find(id).orElseThrow(TeamsCalls::messageNotFound);
    }

    private static GraphError messageNotFound() {
        return GraphError.notFound("NotFound");
    }

    private static ObjectNode entity(Call call, Channel channel, ChannelMessage message) {
        String context = message.replyToId()
                .map(root -> "/messages('" + root + "')/replies/$entity")
                .orElse("/messages/$entity");
        ObjectNode shown = Json.object().put("@odata.context", call.context(channelContext(channel) + context));
        shown.setAll(message.entity.deepCopy());
        return shown;
    }

    private static String channelContext(Channel channel) {
        return "teams('" + channel.team().id + "')/channels('" + encoded(channel.id) + "')";
    }

    private Team team(Call call) {
        return store.opened(call.caller(), call.id(0));
    }

    private Channel channel(Call call) {
        return store.opened(call.caller(), call.id(0), call.id(1));
    }

    static void checkExpand(String expand) {
        if (!expand.trim().equalsIgnoreCase("replies")) {
            throw GraphError.badRequest("Parsing OData Select and Expand failed: Could not find a property named '"
                    + expand + "' on type 'microsoft.graph.chatMessage'.");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
