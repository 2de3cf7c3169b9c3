package org.m365connector.emulator.graph.throttling;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Gate;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * The limits that Microsoft documents: Outlook's per app and mailbox, Teams' per app, team, channel and user, and those of the
 * subscriptions. Numbers and the switch that turns all of it off are in {@code graph.throttling}.
 */
public final class Throttling implements Gate {

    private final Directory directory;
    private final Switches switches;
    private final Clock clock;
    private final Map<String, Bucket> buckets = new HashMap<>();
    private final Map<String, Integer> inMailbox = new HashMap<>();

    public Throttling(Directory directory, Switches switches, Clock clock) {
        this.directory = directory;
        this.switches = switches;
        this.clock = clock;
    }

    public void reset() {
        buckets.clear();
    }

    @Override
    public Runnable enter(Call call) {
        if (!switches.flag("throttling.enabled")) {
            return Throttling::nothing;
        }
        String template = call.template().toLowerCase(Locale.ROOT);
        String app = call.caller().clientId() + "/" + call.caller().tenantId();
        count("global", app);
        if (template.startsWith("/subscriptions")) {
            count("subscriptions.any", app);
            if (!call.method().equals("GET")) {
                count("subscriptions.writes", app);
            }
            return Throttling::nothing;
        }
        boolean teams = template.startsWith("/teams");
        if (template.contains("/chats")) {
            enterChats(call, template, app);
            return Throttling::nothing;
        }
        if (!teams
                && (template.contains("/messages")
                        || template.contains("/mailfolders")
                        || template.contains("/events")
                        || template.contains("/calendar")
                        || template.contains("/contact")
                        || template.endsWith("/sendmail"))) {
            return enterMailbox(call, app);
        }
        if (teams || template.endsWith("/joinedteams")) {
            enterTeams(call, template, app);
        }
        return Throttling::nothing;
    }

    private static void nothing() {}

    private Runnable enterMailbox(Call call, String app) {
        String mailbox = owner(call);
        String key = app + "/" + mailbox;
        count("outlookPerAppAndMailbox.requests", key);
        int most = switches.number("throttling.outlookPerAppAndMailbox.concurrent");
        if (inMailbox.getOrDefault(key, 0) >= most) {
            throw GraphError.mailboxConcurrency(1);
        }
        inMailbox.merge(key, 1, Integer::sum);
        return () -> inMailbox.merge(key, -1, Integer::sum);
    }

    private void enterTeams(Call call, String template, String app) {
        String operation = operation(call.method(), template);
        JsonNode limits = switches.tree("throttling.teams." + operation);
        count("teams." + operation + ".appTenant", limits.path("appTenant").asInt(), app, 1);
        if (template.startsWith("/teams/{id}")) {
            int perTeam = switches.number("throttling.teamsExtra.perSecondAppAndTeam");
            count("team", perTeam, app + "/" + call.id(0), 1);
        }
        if (template.contains("/channels/{id}")) {
            // Whatever is done with the channel counts together.
            int perChannel = switches.number("throttling.teamsExtra.perSecondAppTenantAndChannel");
            count("channel", perChannel, app + "/" + call.id(0) + "/" + call.id(1), 1);
        }
        if (limits.path("resource").isInt()) {
            String resource = template.contains("/channels/{id}") ? call.id(0) + "/" + call.id(1) : call.owner();
            count("teams." + operation + ".resource", limits.path("resource").asInt(), app + "/" + resource, 1);
        }
        if (operation.equals("postChannelMessage") && !call.caller().isApp()) {
            int perUser = switches.number("throttling.teamsExtra.perSecondUserPosts");
            count("userPosts", perUser, call.caller().id(), 1);
        }
    }

    /** However a chat is reached, it is one. */
    private void enterChats(Call call, String template, String app) {
        boolean ofUser = !template.startsWith("/chats");
        boolean one = template.contains("/chats/{id}");
        boolean messages = template.contains("/messages");
        boolean read = call.method().equals("GET");
        String operation = one && messages
                ? read ? "getChatMessage" : call.method().equals("POST") ? "postChatMessage" : "other"
                : template.endsWith("getallmessages") || template.endsWith("getallretainedmessages")
                        ? "getAllMessages"
                        : read ? "otherGet" : "other";
        JsonNode limits = switches.tree("throttling.teams." + operation);
        count("teams." + operation + ".appTenant", limits.path("appTenant").asInt(), app, 1);
        if (one) {
            String chat = call.id(ofUser ? 1 : 0);
            count("chat", switches.number("throttling.teamsExtra.perSecondAppTenantAndChannel"), app + "/" + chat, 1);
            if (limits.path("resource").isInt()) {
                count(
                        "teams." + operation + ".resource",
                        limits.path("resource").asInt(),
                        app + "/" + chat,
                        1);
            }
        } else if (read && !operation.equals("getAllMessages")) {
            String user = ofUser ? owner(call) : call.caller().id();
            count("listingChats", switches.number("throttling.teamsExtra.perSecondUserListsChats"), user, 1);
        }
        if (operation.equals("postChatMessage") && !call.caller().isApp()) {
            count(
                    "userPosts",
                    switches.number("throttling.teamsExtra.perSecondUserPosts"),
                    call.caller().id(),
                    1);
        }
    }

    private String owner(Call call) {
        return directory.user(call.owner()).map(UserAccount::oid).orElse(call.owner());
    }

    private static String operation(String method, String template) {
        boolean read = method.equals("GET");
        if (template.endsWith("/joinedteams")) {
            return "getJoinedTeams";
        }
        if (template.contains("/messages")) {
            return read ? "getChannelMessage" : method.equals("POST") ? "postChannelMessage" : "other";
        }
        if (!read) {
            return "other";
        }
        return switch (template) {
            case "/teams/{id}" -> "getTeam";
            case "/teams/{id}/channels" -> "getChannels";
            case "/teams/{id}/channels/{id}" -> "getChannel";
            case "/teams/{id}/members" -> "getTeamMembers";
            default -> "otherGet";
        };
    }

    /** A limit written as {@code [calls, seconds]}. */
    private void count(String path, String key) {
        JsonNode limit = switches.tree("throttling." + path);
        count(path, limit.path(0).asInt(), key, limit.path(1).asInt());
    }

    private void count(String name, int limit, String key, int seconds) {
        if (limit <= 0) {
            return;
        }
        // The limit belongs to the key: changing a switch starts a new count.
        String id = name + "|" + limit + "|" + seconds + "|" + key;
        long wait = buckets.computeIfAbsent(id, k -> new Bucket(limit, seconds * 1000L))
                .millisToWait(clock.millis());
        if (wait > 0) {
            throw GraphError.tooManyRequests(Math.max(1, (wait + 999) / 1000));
        }
    }
}
