package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.delta.HeldBack;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Permissions;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.switches.Switches;

/** Chats of Microsoft Teams, as far as they are emulated: members and messages; the seed has one, of ada and ben. */
public final class Chats {

    private final Directory directory;
    private final ChatStore store;
    private final ChatCalls calls;
    private final ChatMessageCalls messageCalls;

    public Chats(
            Directory directory,
            Changes changes,
            Permissions permissions,
            HeldBack heldBack,
            Switches switches,
            Clock clock) {
        this.directory = directory;
        this.store = new ChatStore(clock, changes);
        this.calls = new ChatCalls(store, directory, switches);
        this.messageCalls = new ChatMessageCalls(store, directory, permissions, heldBack, switches, clock);
    }

    public void addTo(RouteTable routes) {
        calls.addTo(routes);
        messageCalls.addTo(routes);
    }

    public void reset() {
        store.reset();
    }

    /** Whether such a chat exists that the caller may read; refused like a call if not. */
    public void checkSubscribed(Caller caller, String chatId) {
        store.opened(caller, chatId);
    }

    /** Whose chats a subscription names: one's own, or anybody's of the tenant for an app. */
    public String subscribedUser(Caller caller, String oidOrUpn) {
        return ChatCalls.owner(directory, caller, oidOrUpn);
    }

    /** An id of a message and its version. */
    public record MessageRef(String id, String etag) {}

    // The control door: somebody in Microsoft 365 does something. A chat is named by its id or its topic.

    /** @return the chat's id; of two people the one that they have already */
    public String make(List<String> members, Optional<String> topic) {
        List<UserAccount> people = members.stream().map(this::account).toList();
        String tenant = people.get(0).tenant().id();
        String type = people.size() == 2 && topic.isEmpty() ? "oneOnOne" : "group";
        return store.make(
                        tenant,
                        type,
                        topic,
                        people.stream().map(UserAccount::oid).toList())
                .id;
    }

    public void join(String chat, String member) {
        store.join(store.any(chat), account(member).oid());
    }

    public void leave(String chat, String member) {
        store.leave(store.any(chat), account(member).oid());
    }

    /** @param message as in a POST */
    public MessageRef post(String chat, String author, JsonNode message) {
        return ref(store.any(chat).add(MessageContent.of(account(author), message)));
    }

    public MessageRef edit(String chat, String id, JsonNode change) {
        ObjectNode message = known(chat, id);
        store.any(chat).edit(message, change);
        return ref(message);
    }

    public MessageRef delete(String chat, String id) {
        ObjectNode message = known(chat, id);
        store.any(chat).softDelete(message);
        return ref(message);
    }

    public MessageRef restore(String chat, String id) {
        ObjectNode message = known(chat, id);
        store.any(chat).undoSoftDelete(message);
        return ref(message);
    }

    /** The newest messages of a chat that are not deleted, newest last. */
    public List<MessageRef> newest(String chat, int count) {
        List<ObjectNode> all = store.any(chat).messages().stream()
                .filter(message -> !message.path("deletedDateTime").isTextual())
                .toList();
        return all.subList(Math.max(0, all.size() - count), all.size()).stream()
                .map(Chats::ref)
                .toList();
    }

    /** By its id or its topic. */
    public Optional<String> chatId(String idOrTopic) {
        return store.find(idOrTopic).map(chat -> chat.id);
    }

    private UserAccount account(String name) {
        return directory.user(name).orElseThrow(() -> new IllegalArgumentException("there is no user " + name));
    }

    private ObjectNode known(String chat, String id) {
        return store.any(chat).find(id).orElseThrow(() -> GraphError.notFound("NotFound"));
    }

    private static MessageRef ref(ObjectNode message) {
        return new MessageRef(message.path("id").asText(), message.path("etag").asText());
    }
}
