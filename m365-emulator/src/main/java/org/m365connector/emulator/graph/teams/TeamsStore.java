package org.m365connector.emulator.graph.teams;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Change;
import org.m365connector.emulator.graph.change.ChangeType;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.chats.MessageContent;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/** Teams, and what happens in their channels. Ids are matched exactly. */
final class TeamsStore {

    private final Clock clock;
    private final Changes changes;
    private final Map<String, Team> teams = new LinkedHashMap<>();
    private final Map<String, Team> deletedTeams = new LinkedHashMap<>();

    TeamsStore(Clock clock, Changes changes) {
        this.clock = clock;
        this.changes = changes;
    }

    void reset() {
        teams.clear();
        deletedTeams.clear();
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

    Channel makeChannel(Team team, String displayName) {
        boolean exists =
                team.channels.values().stream().anyMatch(channel -> channel.displayName.equalsIgnoreCase(displayName));
        if (exists) {
            throw GraphError.badRequest("Channel name already existed, please use other name.");
        }
        String id = "19:" + UUID.randomUUID().toString().replace("-", "") + "@thread.tacv2";
        Channel channel = new Channel(team, id, displayName, clock.instant(), clock, changes);
        team.channels.put(id, channel);
        publish(ChangeType.CREATED, channel);
        return channel;
    }

    void renameChannel(Channel channel, String displayName) {
        channel.displayName = displayName;
        publish(ChangeType.UPDATED, channel);
    }

    /** With all that was said in it. */
    void removeChannel(Channel channel) {
        channel.team().channels.remove(channel.id);
        channel.team().deletedChannels.put(channel.id, channel);
        publish(ChangeType.DELETED, channel);
    }

    /** Under the id that it had, with all that was said in it. */
    void restoreChannel(Team team, String channelId) {
        Channel channel = Optional.ofNullable(team.deletedChannels.remove(channelId))
                .orElseThrow(() -> new IllegalArgumentException("there is no deleted channel " + channelId));
        team.channels.put(channelId, channel);
        publish(ChangeType.CREATED, channel);
    }

    /** With its group, and its channels with it. */
    void removeTeam(Team team) {
        teams.remove(team.id);
        deletedTeams.put(team.id, team);
    }

    void restoreTeam(String teamId) {
        teams.put(
                teamId,
                Optional.ofNullable(deletedTeams.remove(teamId))
                        .orElseThrow(() -> new IllegalArgumentException("there is no deleted team " + teamId)));
    }

    private void publish(ChangeType type, Channel channel) {
        changes.publish(new Change.Channel(
                type,
                channel.team().tenantId,
                channel.team().id,
                channel.id,
                type == ChangeType.DELETED ? Optional.empty() : Optional.of(TeamsCalls.shown(channel)),
                clock.instant()));
    }

    ChannelMessage post(Channel channel, UserAccount author, JsonNode input, Optional<String> replyTo) {
        ObjectNode content = MessageContent.of(author, input);
        content.putObject("channelIdentity").put("teamId", channel.team().id).put("channelId", channel.id);
        return channel.add(content, replyTo);
    }

    void edit(Channel channel, ChannelMessage message, JsonNode input) {
        ObjectNode body = input.has("body") ? MessageContent.body(input) : (ObjectNode) message.entity.get("body");
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
}
