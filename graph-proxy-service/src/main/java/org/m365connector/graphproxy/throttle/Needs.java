package org.m365connector.graphproxy.throttle;

import java.util.ArrayList;
import java.util.List;
import org.m365connector.graphproxy.throttle.Limits.Counted;

/** Gathers what one call needs: what it is about, as it becomes known, and the rows of the limits that count for it. */
final class Needs {

    private final Limits limits;
    private final GraphScopes.Caller caller;
    private final List<Need> needs = new ArrayList<>(8);

    /** What a 429 closes. */
    private String home = "";

    private String mailbox = "";
    private String team = "";
    private String channel = "";
    private String chat = "";
    private String user;

    Needs(Limits limits, GraphScopes.Caller caller) {
        this.limits = limits;
        this.caller = caller;
        user = caller.user();
    }

    void mailbox(String person) {
        mailbox = person;
        home = "mailbox/" + person;
    }

    void team(String id) {
        team = id;
        home = "team/" + id;
    }

    /** One of the team. */
    void channel(String id) {
        channel = team + "/" + id;
        home = "channel/" + channel;
    }

    /** Whose id is not in the address: what a 429 says of it is said of its team. */
    void primaryChannel() {
        channel = team + "/primary";
    }

    void chat(String id) {
        chat = id;
        home = "chat/" + id;
    }

    /** Whose chats they are; else those of the caller. */
    void chatsOf(String person) {
        user = person;
    }

    /** Not one chat, but what they are asked for together. */
    void allChats() {
        home("user", user, "chats");
    }

    /** @param what partly the caller's own words, which must never be those of a limit's row */
    void ofTenant(String what) {
        home("tenant", caller.tenant(), what);
    }

    /** @param what as of a tenant */
    void ofPerson(String person, String what) {
        home("user", person, what);
    }

    private void home(String kind, String id, String what) {
        home = kind + "/" + id + "/home/" + what;
    }

    void row(String name) {
        for (Counted counted : limits.row(name)) {
            String scope = scope(counted);
            if (!scope.isEmpty()) {
                String own = counted.limit().atOnce() ? scope + "#at-once" : scope;
                needs.add(new Need(own, counted.limit(), 1, false));
            }
        }
    }

    private String scope(Counted counted) {
        return switch (counted.per()) {
            case APP -> "app/" + counted.row();
            case APP_TENANT -> "tenant/" + caller.tenant() + "/" + counted.row();
            case MAILBOX -> named("mailbox/", mailbox, counted);
            case TEAM -> named("team/", team, counted);
            case CHANNEL -> named("channel/", channel, counted);
            case CHAT -> named("chat/", chat, counted);
            case RESOURCE -> named("", resource(), counted);
            case USER -> named("user/", user, counted);
        };
    }

    private String resource() {
        if (!channel.isEmpty()) {
            return "channel/" + channel;
        }
        if (!chat.isEmpty()) {
            return "chat/" + chat;
        }
        return team.isEmpty() ? "" : "team/" + team;
    }

    private static String named(String kind, String id, Counted counted) {
        return id.isEmpty() ? "" : kind + id + "/" + counted.row();
    }

    Demand demand() {
        needs.add(new Need(home, Limit.NONE, 1, true));
        return new Demand(caller.app(), List.of(home), needs);
    }
}
