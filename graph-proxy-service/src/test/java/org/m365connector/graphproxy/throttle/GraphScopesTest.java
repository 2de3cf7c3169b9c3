package org.m365connector.graphproxy.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.m365connector.access.Caller;
import org.m365connector.events.PortalId;

class GraphScopesTest {

    private static final String OID = "b0000000-0000-4000-8000-00000000000b";

    private final GraphScopes scopes = new GraphScopes(new Limits(Map.of()));
    private final GraphScopes.Caller ben =
            new GraphScopes.Caller("app", "t", OID, named -> named.equals("ben@contoso.example") ? OID : named);

    private Demand of(String method, String path) {
        return scopes.of(method, List.of(path.split("/", -1)), ben);
    }

    private List<String> named(String method, String path) {
        return of(method, path).needs().stream()
                .filter(need -> !need.limit().none())
                .map(need -> need.scope() + " " + need.limit().count())
                .toList();
    }

    @Test
    void aMailboxIsOneHoweverItIsNamed() {
        for (String owner : List.of("me", "users/ben@contoso.example", "users/" + OID)) {
            assertThat(named("GET", owner + "/messages/x"))
                    .containsExactly(
                            "app/app 130000",
                            "mailbox/" + OID + "/outlook 10000",
                            "mailbox/" + OID + "/outlook#at-once 4");
            assertThat(of("POST", owner + "/sendmail").homes()).containsExactly("mailbox/" + OID);
            assertThat(of("GET", owner + "/calendarview").homes()).containsExactly("mailbox/" + OID);
        }
    }

    @Test
    void postingToAChannelCountsForChannelTeamAndPerson() {
        assertThat(named("POST", "teams/t1/channels/c1/messages"))
                .containsExactly(
                        "app/app 130000",
                        "team/t1/team 4",
                        "channel/t1/c1/channel 1",
                        "tenant/t/post-channel-message 50",
                        "app/post-channel-message 500",
                        "channel/t1/c1/post-channel-message 1",
                        "user/" + OID + "/posting-user 1");
        assertThat(of("POST", "teams/t1/channels/c1/messages/m/replies").homes())
                .containsExactly("channel/t1/c1");
        assertThat(named("POST", "teams/t1/channels/c1/messages/m/setreaction"))
                .noneMatch(need -> need.startsWith("user/"));
    }

    @Test
    void chatsAreOneHoweverTheyAreReached() {
        for (String path : List.of("chats/c", "me/chats/c", "users/" + OID + "/chats/c")) {
            assertThat(named("GET", path + "/messages"))
                    .contains("chat/c/chat 1", "chat/c/get-chat-message 1", "tenant/t/get-chat-message 20");
        }
        assertThat(named("GET", "me/chats")).contains("user/" + OID + "/listing-chats 5");
    }

    @Test
    void noHomeIsTakenForTheRowOfALimit() {
        for (String path :
                List.of("subscriptions", "users/" + OID + "/presence", "users/" + OID + "/joinedteams", "get-team")) {
            List<String> rows = named("GET", path).stream()
                    .map(need -> need.split(" ", -1)[0])
                    .toList();

            assertThat(of("GET", path).homes()).as(path).isNotEmpty().doesNotContainAnyElementsOf(rows);
        }
        assertThat(of("GET", "get-team").homes())
                .noneMatch(home -> home.endsWith("/get-team") && !home.contains("/home/"));
    }

    @Test
    void subscriptionsHaveTheirOwnLimits() {
        assertThat(named("POST", "subscriptions"))
                .contains("tenant/t/subscriptions 5000", "tenant/t/subscriptions-writes 1000");
        assertThat(named("GET", "subscriptions")).noneMatch(need -> need.contains("writes"));
    }

    @Test
    void everyCallHasOneScopeThatA429Closes() {
        for (String path : List.of(
                "me",
                "users",
                "users/x",
                "groups/g/members",
                "sites/root",
                "teams",
                "teams/t",
                "chats",
                "drives/d/items/i",
                "me/drive/root",
                "communications/presences",
                "identity/x",
                "me/joinedteams",
                "groups/g/team",
                "x")) {
            assertThat(of("GET", path).homes()).as(path).hasSize(1).noneMatch(String::isEmpty);
            assertThat(of("DELETE", path).needs()).as(path).isNotEmpty();
        }
    }

    @Test
    void figuresCanBeChangedButNotMisspelt() {
        Limits own = new Limits(Map.of("outlook", "mailbox 100/60, mailbox 2 at once", "team", "none"));
        assertThat(own.row("outlook")).extracting(row -> row.limit().count()).containsExactly(100, 2);
        assertThat(own.row("team")).isEmpty();
        assertThatThrownBy(() -> new Limits(Map.of("outlok", "mailbox 1/1"))).hasMessageContaining("outlok");
        assertThatThrownBy(() -> new Limits(Map.of("outlook", "mailbx 1/1"))).hasMessageContaining("mailbx");
        assertThatThrownBy(() -> new Limits(Map.of("outlook", "mailbox 1/0"))).hasMessageContaining("1/0");
        assertThatThrownBy(() -> new Limits(Map.of("outlook", "mailbox 0/5"))).hasMessageContaining("below 1");
    }

    @Test
    void servicesWorkInTheBackgroundUnlessTheySayOtherwise() {
        Caller portal = new Caller.Portal(new PortalId("demo"));
        assertThat(Lane.of(portal, null)).isEqualTo(Lane.INTERACTIVE);
        assertThat(Lane.of(portal, "sync")).isEqualTo(Lane.SYNC);
        assertThat(Lane.of(new Caller.Service(), null)).isEqualTo(Lane.SYNC);
        assertThat(Lane.of(new Caller.Service(), "Interactive")).isEqualTo(Lane.INTERACTIVE);
    }
}
