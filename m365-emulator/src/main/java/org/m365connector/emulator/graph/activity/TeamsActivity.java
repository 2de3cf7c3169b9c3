package org.m365connector.emulator.graph.activity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.chats.Chats;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.teams.Teams;

/** What somebody does in channels and chats. */
public final class TeamsActivity {

    private final Teams teams;
    private final Chats chats;
    private final Directory directory;

    public TeamsActivity(Teams teams, Chats chats, Directory directory) {
        this.teams = teams;
        this.chats = chats;
        this.directory = directory;
    }

    IntConsumer channelMessageStep(ObjectNode wanted, String op, int count, ArrayNode items) {
        String team = team(wanted);
        String channel = Activity.text(wanted, "channel")
                .map(name -> teams.channelId(team, name)
                        .orElseThrow(() -> new IllegalArgumentException("there is no channel " + name)))
                .orElse(Seed.GENERAL_ID);
        if (op.equals("create")) {
            String user = Activity.text(wanted, "user").orElse(Seed.ADA);
            return n -> items.add(shown(
                    teams.post(team, channel, user, newMessage(wanted, n, count), Activity.text(wanted, "replyTo"))));
        }
        List<String> ids = new ArrayList<>();
        Activity.text(wanted, "id").ifPresentOrElse(ids::add, () -> teams.newest(team, channel, count)
                .forEach(ref -> ids.add(0, ref.id())));
        return switch (op) {
            case "update" ->
                n -> {
                    JsonNode change =
                            wanted.path("change").isObject() ? wanted.get("change") : newMessage(wanted, n, count);
                    items.add(shown(teams.edit(team, channel, Activity.id(ids, n), change)));
                };
            case "delete" -> n -> items.add(shown(teams.delete(team, channel, Activity.id(ids, n))));
            default -> throw new IllegalArgumentException("channel messages know create, update and delete, not " + op);
        };
    }

    IntConsumer chatMessageStep(ObjectNode wanted, String op, int count, ArrayNode items) {
        String chat = chat(wanted);
        if (op.equals("create")) {
            String user = Activity.text(wanted, "user").orElse(Seed.ADA);
            return n -> items.add(shown(chats.post(chat, user, newMessage(wanted, n, count))));
        }
        List<String> ids = new ArrayList<>();
        Activity.text(wanted, "id")
                .ifPresentOrElse(ids::add, () -> chats.newest(chat, count).forEach(ref -> ids.add(0, ref.id())));
        return switch (op) {
            case "update" ->
                n -> {
                    JsonNode change =
                            wanted.path("change").isObject() ? wanted.get("change") : newMessage(wanted, n, count);
                    items.add(shown(chats.edit(chat, Activity.id(ids, n), change)));
                };
            case "delete" -> n -> items.add(shown(chats.delete(chat, Activity.id(ids, n))));
            case "restore" -> n -> items.add(shown(chats.restore(chat, Activity.id(ids, n))));
            default ->
                throw new IllegalArgumentException("chat messages know create, update, delete and restore, not " + op);
        };
    }

    ObjectNode chatStep(ObjectNode wanted, String op) {
        if (!op.equals("create")) {
            throw new IllegalArgumentException("chats know create, not " + op);
        }
        List<String> members = new ArrayList<>();
        wanted.path("members").forEach(member -> members.add(member.asText()));
        if (members.size() < 2) {
            throw new IllegalArgumentException("a chat has two members at least");
        }
        return Json.object().put("id", chats.make(members, Activity.text(wanted, "topic")));
    }

    void chatMemberStep(ObjectNode wanted, String op) {
        String user = Activity.text(wanted, "user").orElseThrow(() -> new IllegalArgumentException("which user?"));
        switch (op) {
            case "create" -> chats.join(chat(wanted), user);
            case "delete" -> chats.leave(chat(wanted), user);
            default -> throw new IllegalArgumentException("chat members know create and delete, not " + op);
        }
    }

    private String chat(ObjectNode wanted) {
        return Activity.text(wanted, "chat")
                .map(name ->
                        chats.chatId(name).orElseThrow(() -> new IllegalArgumentException("there is no chat " + name)))
                .orElse(Seed.CHAT_ID);
    }

    private static ObjectNode newMessage(ObjectNode wanted, int n, int count) {
        if (wanted.path("message") instanceof ObjectNode given) {
            return given.deepCopy();
        }
        String content = Activity.text(wanted, "content").orElse("Something happened");
        ObjectNode message = Json.object();
        Activity.text(wanted, "subject").ifPresent(subject -> message.put("subject", subject));
        message.putObject("body")
                .put("contentType", Activity.text(wanted, "contentType").orElse("html"))
                .put("content", count == 1 ? content : content + " " + (n + 1));
        return message;
    }

    void memberStep(ObjectNode wanted, String op) {
        String name = Activity.text(wanted, "user").orElseThrow(() -> new IllegalArgumentException("which user?"));
        String oid = directory
                .user(name)
                .map(UserAccount::oid)
                .orElseThrow(() -> new IllegalArgumentException("there is no user " + name));
        switch (op) {
            case "create" -> teams.join(team(wanted), oid);
            case "delete" -> teams.leave(team(wanted), oid);
            default -> throw new IllegalArgumentException("team members know create and delete, not " + op);
        }
    }

    /** A channel is named by its id or name; a new one, and its new name, are the topic. */
    ObjectNode channelStep(ObjectNode wanted, String op) {
        String team = team(wanted);
        if (op.equals("create")) {
            return Json.object()
                    .put(
                            "id",
                            teams.makeChannel(
                                    team, Activity.text(wanted, "topic").orElse("Another channel")));
        }
        if (op.equals("restore")) {
            String id = Activity.text(wanted, "channel").orElseThrow(() -> new IllegalArgumentException("by its id"));
            teams.restoreChannel(team, id);
            return Json.object().put("id", id);
        }
        String channel = Activity.text(wanted, "channel")
                .flatMap(name -> teams.channelId(team, name))
                .orElseThrow(() -> new IllegalArgumentException("which channel?"));
        switch (op) {
            case "update" ->
                teams.renameChannel(
                        team, channel, Activity.text(wanted, "topic").orElse("Renamed"));
            case "delete" -> teams.removeChannel(team, channel);
            default ->
                throw new IllegalArgumentException("channels know create, update, delete and restore, not " + op);
        }
        return Json.object().put("id", channel);
    }

    /** Graph has no call for it: who deletes a team deletes its group. A deleted one is named by its id. */
    ObjectNode teamStep(ObjectNode wanted, String op) {
        String team = Activity.text(wanted, "team").orElse(Seed.TEAM_ID);
        switch (op) {
            case "delete" -> teams.removeTeam(team(wanted));
            case "restore" -> teams.restoreTeam(team);
            default -> throw new IllegalArgumentException("teams know delete and restore, not " + op);
        }
        return Json.object().put("id", team);
    }

    private String team(ObjectNode wanted) {
        return Activity.text(wanted, "team")
                .map(name ->
                        teams.teamId(name).orElseThrow(() -> new IllegalArgumentException("there is no team " + name)))
                .orElse(Seed.TEAM_ID);
    }

    private static ObjectNode shown(Teams.MessageRef ref) {
        ObjectNode shown = Json.object().put("id", ref.id()).put("etag", ref.etag());
        ref.replyToId().ifPresent(root -> shown.put("replyToId", root));
        return shown;
    }

    private static ObjectNode shown(Chats.MessageRef ref) {
        return Json.object().put("id", ref.id()).put("etag", ref.etag());
    }
}
