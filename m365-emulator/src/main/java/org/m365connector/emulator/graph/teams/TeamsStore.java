package org.m365connector.emulator.graph.teams;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/** Teams, and what happens in their channels. Ids are matched exactly. */
final class TeamsStore {

    private static final int LONGEST_MESSAGE = 100 * 1024;

    private final Clock clock;
    private final Changes changes;
    private final Map<String, Team> teams = new LinkedHashMap<>();

    TeamsStore(Clock clock, Changes changes) {
        this.clock = clock;
        this.changes = changes;
    }

    void reset() {
        teams.clear();
        Instant founded = clock.instant().minus(Duration.ofDays(30));
        Team team = new Team(Seed.TEAM_ID, Seed.TENANT_ID, Seed.TEAM_NAME, founded);
        team.owners.add(Seed.ADA_OID);
        team.members.addAll(List.of(Seed.BEN_OID, Seed.CLARA_OID, Seed.PORTAL_OID));
        for (String[] channel : List.of(
                new String[] {Seed.GENERAL_ID, Seed.GENERAL}, new String[] {Seed.MILESTONES_ID, Seed.MILESTONES})) {
            team.channels.put(channel[0], new Channel(team, channel[0], channel[1], founded, clock, changes));
        }
        teams.put(team.id, team);
    }

    List<Team> teams() {
        return new ArrayList<>(teams.values());
    }

    Optional<Team> find(String teamId) {
        return Optional.ofNullable(teams.get(teamId));
    }

    Team any(String teamId) {
        return find(teamId).orElseThrow(() -> new IllegalArgumentException("there is no team " + teamId));
    }

    Channel any(String teamId, String channelId) {
        return Optional.ofNullable(any(teamId).channels.get(channelId))
                .orElseThrow(() -> new IllegalArgumentException("there is no channel " + channelId));
    }

    /** For its members, and for apps of its tenant. */
    Team opened(Caller caller, String teamId) {
        Team team = find(teamId)
                .filter(found -> found.tenantId.equals(caller.tenantId()))
                .orElseThrow(() -> GraphError.notFound("No team found with Group Id " + teamId));
        if (!caller.isApp() && !team.has(caller.id())) {
            throw GraphError.forbidden("Access denied. The user is not a member of the team.");
        }
        return team;
    }

    Channel opened(Caller caller, String teamId, String channelId) {
        return Optional.ofNullable(opened(caller, teamId).channels.get(channelId))
                .orElseThrow(() -> GraphError.notFound("NotFound: channel '" + channelId + "' does not exist."));
    }

    ChannelMessage post(Channel channel, UserAccount author, JsonNode input, Optional<String> replyTo) {
        TeamsCalls.MESSAGE_PROPERTIES.check(input);
        ObjectNode content = Json.object();
        content.set("subject", input.path("subject").isTextual() ? input.get("subject") : null);
        content.putNull("summary").putNull("chatId");
        content.put("importance", TeamsCalls.importance(input));
        content.put("locale", "en-us");
        content.putNull("webUrl").putNull("policyViolation").putNull("eventDetail");
        ObjectNode from = content.putObject("from");
        from.putNull("application").putNull("device").putNull("conversation");
        from.putObject("user")
                .put("@odata.type", "#microsoft.graph.teamworkUserIdentity")
                .put("id", author.oid())
                .put("displayName", author.displayName())
                .put("userIdentityType", "aadUser")
                .put("tenantId", author.tenant().id());
        content.set("body", body(input));
        content.putObject("channelIdentity").put("teamId", channel.team().id).put("channelId", channel.id);
        content.set("attachments", list(input, "attachments"));
        content.set("mentions", list(input, "mentions"));
        content.putArray("reactions");
        content.putArray("messageHistory");
        return channel.add(content, replyTo);
    }

    void edit(Channel channel, ChannelMessage message, JsonNode input) {
        ObjectNode body = input.has("body") ? body(input) : (ObjectNode) message.entity.get("body");
        channel.change(message, ChangeType.UPDATED, entity -> {
            entity.set("body", body);
            for (String name : List.of("subject", "mentions", "attachments")) {
                if (input.has(name)) {
                    entity.set(name, input.get(name));
                }
            }
            entity.put("lastEditedDateTime", Json.millis(clock.instant()));
        });
    }

    /** The message stays, empty. */
    void softDelete(Channel channel, ChannelMessage message) {
        message.deletedBody = Optional.of(message.entity.path("body").deepCopy());
        channel.change(message, ChangeType.DELETED, entity -> {
            entity.put("deletedDateTime", Json.millis(clock.instant()));
            entity.putObject("body").put("contentType", "html").put("content", "");
            entity.putArray("attachments");
            entity.putArray("mentions");
        });
    }

    void undoSoftDelete(Channel channel, ChannelMessage message, ChangeType type) {
        channel.change(message, type, entity -> {
            entity.putNull("deletedDateTime");
            message.deletedBody.ifPresent(body -> entity.set("body", body));
        });
    }

    private static ObjectNode body(JsonNode input) {
        JsonNode body = input.path("body");
        if (!body.path("content").isTextual()) {
            throw GraphError.badRequest("Missing body content");
        }
        String type = body.path("contentType").asText("text").toLowerCase(Locale.ROOT);
        if (!type.equals("text") && !type.equals("html")) {
            throw GraphError.badRequest("Invalid value for contentType: '" + type + "'.");
        }
        String content = body.get("content").textValue();
        if (content.getBytes(StandardCharsets.UTF_8).length > LONGEST_MESSAGE) {
            throw GraphError.of(413, "RequestEntityTooLarge", "The message is too large.");
        }
        return Json.object().put("contentType", type).put("content", content);
    }

    private static JsonNode list(JsonNode input, String name) {
        return input.path(name).isArray() ? input.get(name).deepCopy() : Json.array();
    }
}
