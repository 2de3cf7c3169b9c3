package org.m365connector.graphproxy.throttle;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Which of Graph's limits a call counts for. */
public final class GraphScopes {

    private static final Set<String> OUTLOOK = Set.of(
            "messages",
            "mailfolders",
            "sendmail",
            "inferenceclassification",
            "mailboxsettings",
            "getmailtips",
            "translateexchangeids",
            "outlook",
            "calendar",
            "calendars",
            "calendargroups",
            "calendarview",
            "events",
            "findmeetingtimes",
            "reminderview",
            "contacts",
            "contactfolders",
            "people",
            "photo",
            "photos",
            "todo",
            "conversations",
            "threads");

    /**
     * Who calls.
     *
     * @param app client id
     * @param user the acting person, in the one spelling that all ways to name him have; the app itself where it acts
     * @param person turns the id or user principal name of a path into that spelling
     */
    public record Caller(String app, String tenant, String user, UnaryOperator<String> person) {}

    private final Limits limits;

    public GraphScopes(Limits limits) {
        this.limits = limits;
    }

    /** @param segments of the path below the version, in lower case */
    public Demand of(String method, List<String> segments, Caller caller) {
        Needs needs = new Needs(limits, caller);
        needs.row("app");
        String first = at(segments, 0);
        switch (first) {
            case "me" -> ofPerson(needs, method, caller.user(), segments, 1);
            case "users" -> {
                if (segments.size() > 1) {
                    ofPerson(needs, method, caller.person().apply(segments.get(1)), segments, 2);
                } else {
                    needs.ofTenant("users");
                }
            }
            case "groups" -> ofGroup(needs, method, segments);
            case "teams" -> ofTeam(needs, method, segments, 1);
            case "chats" -> ofChat(needs, method, segments, 1);
            case "subscriptions" -> {
                needs.ofTenant(first);
                needs.row("subscriptions");
                if (!method.equals("GET")) {
                    needs.row("subscriptions-writes");
                }
            }
            case "communications" -> {
                needs.ofTenant(first);
                needs.row(at(segments, 1).equals("calls") ? "calls" : "presence");
            }
            case "identity" -> {
                needs.ofTenant(first);
                needs.row("conditional-access");
            }
            default -> needs.ofTenant(first);
        }
        return needs.demand();
    }

    private void ofPerson(Needs needs, String method, String person, List<String> segments, int at) {
        String what = at(segments, at);
        if (OUTLOOK.contains(what)) {
            needs.mailbox(person);
            needs.row("outlook");
        } else if (what.equals("chats")) {
            needs.chatsOf(person);
            ofChat(needs, method, segments, at + 1);
        } else if (what.equals("joinedteams")) {
            needs.ofPerson(person, what);
            needs.row("get-joined-teams");
        } else if (what.equals("teamwork")) {
            needs.ofPerson(person, what);
            needs.row(operation(segments, "sendactivitynotification", "send-activity-notification", method));
        } else if (what.equals("presence")) {
            needs.ofTenant(what);
            needs.row("presence");
        } else {
            needs.ofTenant(what.isEmpty() ? "users" : what);
        }
    }

    private void ofGroup(Needs needs, String method, List<String> segments) {
        String what = at(segments, 2);
        if (OUTLOOK.contains(what)) {
            needs.mailbox(segments.get(1));
            needs.row("outlook");
        } else if (what.equals("team")) {
            ofTeam(needs, method, segments, 1);
        } else {
            needs.ofTenant("groups");
        }
    }

    /** @param at where the team's id stands */
    private void ofTeam(Needs needs, String method, List<String> segments, int at) {
        boolean read = method.equals("GET");
        if (segments.size() <= at) {
            needs.ofTenant("teams");
            needs.row(read ? "other-teams-get" : "post-teams");
            return;
        }
        needs.team(segments.get(at));
        needs.row("team");
        String what = at(segments, at + 1);
        boolean one = segments.size() > at + 2;
        switch (what) {
            case "" -> needs.row(read ? "get-team" : other(method));
            // groups/{id}/team
            case "team" -> needs.row(method.equals("PUT") ? "put-team" : read ? "get-team" : other(method));
            case "clone" -> needs.row("put-team");
            case "members" ->
                needs.row(read ? "get-team-members" : method.equals("POST") ? "post-team-members" : other(method));
            case "channels" -> {
                if (at(segments, at + 2).startsWith("getall")) {
                    needs.row("get-all-messages");
                } else if (one) {
                    ofChannel(needs, method, segments, at + 2);
                } else {
                    needs.row(read ? "get-channels" : method.equals("POST") ? "post-channel" : other(method));
                }
            }
            case "primarychannel" -> {
                needs.primaryChannel();
                needs.row("channel");
                ofChannelPart(needs, method, segments, at + 2);
            }
            default -> needs.row(operation(segments, "sendactivitynotification", "send-activity-notification", method));
        }
    }

    private void ofChannel(Needs needs, String method, List<String> segments, int at) {
        needs.channel(segments.get(at));
        needs.row("channel");
        ofChannelPart(needs, method, segments, at + 1);
    }

    private void ofChannelPart(Needs needs, String method, List<String> segments, int at) {
        boolean read = method.equals("GET");
        switch (at(segments, at)) {
            case "" -> {
                switch (method) {
                    case "GET" -> needs.row("get-channel");
                    case "PATCH" -> needs.row("patch-channel");
                    case "DELETE" -> needs.row("delete-channel");
                    default -> needs.row(other(method));
                }
            }
            case "messages" -> {
                if (read) {
                    needs.row("get-channel-message");
                } else if (posts(method, segments, at)) {
                    needs.row("post-channel-message");
                    needs.row("posting-user");
                } else {
                    needs.row(other(method));
                }
            }
            case "members" -> needs.row(read ? "get-channel-members" : other(method));
            default -> needs.row(other(method));
        }
    }

    /** @param at where the chat's id stands */
    private void ofChat(Needs needs, String method, List<String> segments, int at) {
        boolean read = method.equals("GET");
        String chat = at(segments, at);
        if (read && (segments.size() <= at + 1) && !chat.startsWith("getall")) {
            needs.row("listing-chats");
        }
        if (chat.isEmpty() || chat.startsWith("getall")) {
            needs.allChats();
            needs.row(chat.isEmpty() ? other(method) : "get-all-messages");
            return;
        }
        needs.chat(chat);
        needs.row("chat");
        switch (at(segments, at + 1)) {
            case "messages" -> {
                if (read) {
                    needs.row("get-chat-message");
                } else if (posts(method, segments, at + 1)) {
                    needs.row("post-chat-message");
                    needs.row("posting-user");
                } else {
                    needs.row(other(method));
                }
            }
            case "members" -> needs.row(read || method.equals("PATCH") ? other(method) : "change-chat-member");
            default -> needs.row(operation(segments, "sendactivitynotification", "send-activity-notification", method));
        }
    }

    /** A message or a reply, not a reaction to one. */
    private static boolean posts(String method, List<String> segments, int messages) {
        int below = segments.size() - messages - 1;
        return method.equals("POST")
                && (below == 0 || at(segments, segments.size() - 1).equals("replies"));
    }

    private static String operation(List<String> segments, String last, String row, String method) {
        return at(segments, segments.size() - 1).equals(last) ? row : other(method);
    }

    private static String other(String method) {
        return method.equals("GET") ? "other-teams-get" : "other-teams";
    }

    private static String at(List<String> segments, int position) {
        return position >= 0 && position < segments.size() ? segments.get(position) : "";
    }
}
