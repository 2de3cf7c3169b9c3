package org.m365connector.emulator.graph.chats;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;

/** All chats, and who may look into them. Ids are matched exactly. */
final class ChatStore {

    private final Clock clock;
    private final Changes changes;
    private final Map<String, Chat> chats = new LinkedHashMap<>();

    ChatStore(Clock clock, Changes changes) {
        this.clock = clock;
        this.changes = changes;
    }

    void reset() {
        chats.clear();
        Chat seeded = new Chat(Seed.CHAT_ID, Seed.TENANT_ID, "oneOnOne", Optional.empty(), clock, changes);
        seeded.members.addAll(List.of(Seed.ADA_OID, Seed.BEN_OID));
        chats.put(seeded.id, seeded);
    }

    Optional<Chat> find(String idOrTopic) {
        return Optional.ofNullable(chats.get(idOrTopic)).or(() -> chats.values().stream()
                .filter(chat -> chat.topic.filter(idOrTopic::equalsIgnoreCase).isPresent())
                .findFirst());
    }

    Chat any(String idOrTopic) {
        return find(idOrTopic).orElseThrow(() -> new IllegalArgumentException("there is no chat " + idOrTopic));
    }

    /** Of that person, the one with the newest message first. */
    List<Chat> of(String oid) {
        List<Chat> his = new ArrayList<>(chats.values().stream()
                .filter(chat -> chat.members.contains(oid))
                .toList());
        his.sort((one, other) -> newest(other).compareTo(newest(one)));
        return his;
    }

    List<Chat> all() {
        return new ArrayList<>(chats.values());
    }

    private static String newest(Chat chat) {
        List<ObjectNode> messages = chat.messages();
        return messages.isEmpty()
                ? Json.millis(chat.createdAt)
                : messages.get(messages.size() - 1).path("createdDateTime").asText();
    }

    /** For its members, and for apps of its tenant. */
    Chat opened(Caller caller, String id) {
        Chat chat = Optional.ofNullable(chats.get(id))
                .filter(found -> found.tenantId.equals(caller.tenantId()))
                .orElseThrow(() -> GraphError.notFound("NotFound: no chat '" + id + "'."));
        if (!caller.isApp() && !chat.members.contains(caller.id())) {
            throw GraphError.forbidden("InsufficientPrivileges: the user is not a member of the chat.");
        }
        return chat;
    }

    /** Two people have one chat only. */
    Chat make(String tenantId, String type, Optional<String> topic, List<String> members) {
        if (type.equals("oneOnOne")) {
            Optional<Chat> there = chats.values().stream()
                    .filter(chat -> chat.type.equals(type) && chat.members.containsAll(members))
                    .findFirst();
            if (there.isPresent()) {
                return there.get();
            }
        }
        String id = type.equals("oneOnOne")
                ? "19:" + members.get(0) + "_" + members.get(1) + "@unq.gbl.spaces"
                : "19:" + UUID.randomUUID().toString().replace("-", "") + "@thread.v2";
        Chat chat = new Chat(id, tenantId, type, topic, clock, changes);
        chat.members.addAll(members);
        chats.put(id, chat);
        return chat;
    }

    void join(Chat chat, String oid) {
        if (chat.members.add(oid)) {
            chat.addSystemMessage(membership("#microsoft.graph.membersAddedEventMessageDetail", oid));
        }
    }

    void leave(Chat chat, String oid) {
        if (chat.members.remove(oid)) {
            chat.addSystemMessage(membership("#microsoft.graph.membersDeletedEventMessageDetail", oid));
        }
    }

    private static ObjectNode membership(String type, String oid) {
        ObjectNode detail = Json.object().put("@odata.type", type);
        detail.putArray("members").addObject().put("id", oid).put("userIdentityType", "aadUser");
        return detail;
    }
}
