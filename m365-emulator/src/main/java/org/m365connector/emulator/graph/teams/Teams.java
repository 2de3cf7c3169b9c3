package org.m365connector.emulator.graph.teams;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Permissions;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.switches.Switches;

/** Microsoft Teams, as far as it is emulated: teams, channels and their messages. */
public final class Teams {

    private final Directory directory;
    private final TeamsStore store;
    private final TeamsCalls calls;

    public Teams(
            Directory directory,
            Changes changes,
            Permissions permissions,
            DeltaRounds deltas,
            Switches switches,
            Clock clock) {
        this.directory = directory;
        this.store = new TeamsStore(clock, changes);
        this.calls = new TeamsCalls(store, directory, permissions, deltas, switches, clock);
    }

    public void addTo(RouteTable routes) {
        calls.addTo(routes);
    }

    public void reset() {
        store.reset();
    }

    /** Whether such a channel exists that the caller may read; refused like a call if not. */
    public void checkSubscribed(Caller caller, String teamId, String channelId) {
        store.opened(caller, teamId, channelId);
    }

    /** The same of a whole team. */
    public void checkSubscribed(Caller caller, String teamId) {
        store.opened(caller, teamId);
    }

    /** An id of a message and its version. */
    public record MessageRef(String id, Optional<String> replyToId, String etag) {}

    // The control door: somebody in Microsoft 365 does something.

    /** @param message as in a POST */
    public MessageRef post(
            String teamId, String channelId, String author, JsonNode message, Optional<String> replyToId) {
        UserAccount account =
                directory.user(author).orElseThrow(() -> new IllegalArgumentException("there is no user " + author));
        return ref(store.post(store.any(teamId, channelId), account, message, replyToId));
    }

    public MessageRef edit(String teamId, String channelId, String id, JsonNode change) {
        Channel channel = store.any(teamId, channelId);
        ChannelMessage message = known(channel, id);
        store.edit(channel, message, change);
        return ref(message);
    }

    public MessageRef delete(String teamId, String channelId, String id) {
        Channel channel = store.any(teamId, channelId);
        ChannelMessage message = known(channel, id);
        store.softDelete(channel, message);
        return ref(message);
    }

    /** The newest messages of a channel, newest last. */
    public List<MessageRef> newest(String teamId, String channelId, int count) {
        return store.any(teamId, channelId).newest(count).stream()
                .map(Teams::ref)
                .toList();
    }

    /** @return the channel's id */
    public String makeChannel(String teamId, String displayName) {
        return store.makeChannel(store.any(teamId), displayName).id;
    }

    public void renameChannel(String teamId, String channelId, String displayName) {
        store.renameChannel(store.any(teamId, channelId), displayName);
    }

    public void removeChannel(String teamId, String channelId) {
        store.removeChannel(store.any(teamId, channelId));
    }

    public void restoreChannel(String teamId, String channelId) {
        store.restoreChannel(store.any(teamId), channelId);
    }

    public void removeTeam(String teamId) {
        store.removeTeam(store.any(teamId));
    }

    public void restoreTeam(String teamId) {
        store.restoreTeam(teamId);
    }

    public void join(String teamId, String oid) {
        store.any(teamId).members.add(oid);
    }

    public void leave(String teamId, String oid) {
        Team team = store.any(teamId);
        team.members.remove(oid);
        team.owners.remove(oid);
    }

    /** By its id or its name. */
    public Optional<String> teamId(String idOrName) {
        return store.teams().stream()
                .filter(team -> team.id.equals(idOrName) || team.displayName.equalsIgnoreCase(idOrName))
                .map(team -> team.id)
                .findFirst();
    }

    /** By its id or its name. */
    public Optional<String> channelId(String teamId, String idOrName) {
        return store.find(teamId).flatMap(team -> team.channels.values().stream()
                .filter(channel -> channel.id.equals(idOrName) || channel.displayName.equalsIgnoreCase(idOrName))
                .map(channel -> channel.id)
                .findFirst());
    }

    private static ChannelMessage known(Channel channel, String id) {
        return channel.find(id).orElseThrow(() -> GraphError.notFound("NotFound"));
    }

    private static MessageRef ref(ChannelMessage message) {
        return new MessageRef(message.id(), message.replyToId(), message.etag());
    }
}
