package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.m365connector.emulator.graph.GraphClientOfTests.encoded;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;

class ChatsTest {

    private static final String CHAT = "/chats/" + encoded(Seed.CHAT_ID);
    private static final Set<String> READ = Set.of("Chat.Read");
    private static final Set<String> WRITE = Set.of("Chat.ReadWrite", "ChatMessage.Send");
    private static final Set<String> APP = Set.of("Chat.ReadBasic.All", "Chat.Read.All");

    private static Emulator emulator;
    private static GraphClientOfTests graph;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        graph = new GraphClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
        graph.control("POST", "/graph", "{\"throttling\":{\"enabled\":false}}");
    }

    private static Answer post(String upn, String content) {
        return graph.post(
                graph.tokenOf(upn, WRITE), CHAT + "/messages", "{\"body\":{\"content\":\"" + content + "\"}}");
    }

    private static List<String> contents(Answer page) {
        List<String> contents = new ArrayList<>();
        page.json()
                .path("value")
                .forEach(message -> contents.add(message.at("/body/content").asText()));
        return contents;
    }

    private static String since(String time) {
        return "?$orderby=lastModifiedDateTime%20desc&$filter=lastModifiedDateTime%20gt%20" + time;
    }

    @Test
    void aMessageIsReadByMembersAndByTheAppAndByNobodyElse() {
        String id = post(Seed.BEN, "hello").id();

        for (String token : List.of(graph.tokenOf(Seed.ADA, READ), graph.appToken(APP))) {
            assertThat(graph.get(token, CHAT + "/messages/" + id)
                            .json()
                            .at("/body/content")
                            .asText())
                    .isEqualTo("hello");
            assertThat(contents(graph.get(
                            token, "/users/" + Seed.ADA_OID + "/chats/" + encoded(Seed.CHAT_ID) + "/messages")))
                    .containsExactly("hello");
        }
        assertThat(graph.get(graph.tokenOf(Seed.CLARA, READ), CHAT + "/messages/" + id)
                        .status())
                .isEqualTo(403);
        assertThat(graph.get(graph.tokenOf(Seed.BEN, READ), "/users/" + Seed.ADA_OID + "/chats")
                        .status())
                .isEqualTo(403);
        assertThat(graph.get(graph.tokenOf(Seed.ADA), CHAT + "/messages").errorMessage())
                .startsWith("Missing scope permissions on the request.");
        assertThat(graph.get(graph.appToken(Set.of("Chat.Read.All")), "/users/" + Seed.ADA_OID + "/chats")
                        .status())
                .as("an app that lists somebody's chats needs more than one that reads them")
                .isEqualTo(403);
        assertThat(graph.get(graph.tokenOf(Seed.ADA, READ), "/me/chats/getAllMessages")
                        .status())
                .as("for apps only")
                .isEqualTo(412);
        assertThat(contents(graph.get(graph.appToken(APP), "/users/" + Seed.ADA + "/chats/getAllMessages")))
                .containsExactly("hello");
    }

    @Test
    void thereIsNoDeltaButAWindowOnTheTimeOfTheLastChange() {
        String ben = graph.tokenOf(Seed.BEN, WRITE);
        String first = post(Seed.BEN, "first").id();
        String second = post(Seed.BEN, "second").id();
        String third = post(Seed.ADA, "third").id();
        String before = graph.get(ben, CHAT + "/messages/" + third)
                .json()
                .path("lastModifiedDateTime")
                .asText();
        assertThat(graph.patch(ben, CHAT + "/messages/" + first, "{\"body\":{\"content\":\"changed\"}}")
                        .status())
                .isEqualTo(204);
        assertThat(graph.post(
                                ben,
                                "/users/" + Seed.BEN_OID + "/chats/" + Seed.CHAT_ID + "/messages/" + second
                                        + "/softDelete",
                                "{}")
                        .status())
                .isEqualTo(204);

        JsonNode changed =
                graph.get(ben, CHAT + "/messages" + since(before)).json().path("value");

        assertThat(changed.findValuesAsText("id")).startsWith(second).contains(first);
        assertThat(changed.get(0).path("deletedDateTime").isTextual()).isTrue();
        assertThat(changed.get(0).at("/body/content").asText()).isEmpty();
        assertThat(changed.get(1).at("/body/content").asText()).isEqualTo("changed");
        assertThat(changed.get(1).path("etag").asText()).isNotEqualTo(first);
        for (String refused : List.of(
                "?$filter=lastModifiedDateTime%20gt%20" + before,
                "?$orderby=lastModifiedDateTime%20asc",
                "?$orderby=createdDateTime%20desc&$filter=lastModifiedDateTime%20gt%20" + before,
                "?$top=51",
                "?$select=id")) {
            assertThat(graph.get(ben, CHAT + "/messages" + refused).status())
                    .as(refused)
                    .isEqualTo(400);
        }
        assertThat(graph.get(ben, CHAT + "/messages/delta").status()).isEqualTo(404);
    }

    @Test
    void listsArePagedAndAChatOfTwoIsMadeOnce() {
        graph.activity("{\"kind\":\"chatMessage\",\"count\":45,\"content\":\"m\"}");
        String token = graph.tokenOf(Seed.ADA, READ);
        Answer page = graph.get(token, CHAT + "/messages?$top=20");
        List<String> all = new ArrayList<>(contents(page));
        while (page.json().has("@odata.nextLink")) {
            page = graph.get(token, page.json().path("@odata.nextLink").asText());
            all.addAll(contents(page));
        }
        assertThat(all).hasSize(45).startsWith("m 45").endsWith("m 1");

        String two = "{\"kind\":\"chat\",\"members\":[\"" + Seed.ADA + "\",\"" + Seed.BEN + "\"]}";
        assertThat(graph.activity(two).at("/ids/0").asText()).isEqualTo(Seed.CHAT_ID);
        graph.activity(
                "{\"kind\":\"chat\",\"topic\":\"Lunch\",\"members\":[\"" + Seed.ADA + "\",\"" + Seed.BEN + "\"]}");
        graph.activity("{\"kind\":\"chatMember\",\"chat\":\"Lunch\",\"user\":\"" + Seed.CLARA + "\"}");
        JsonNode lunch = graph.get(graph.tokenOf(Seed.CLARA, READ), "/me/chats?$expand=members")
                .json()
                .path("value");
        assertThat(lunch).hasSize(1);
        assertThat(lunch.at("/0/members")).hasSize(3);
        String said = "/chats/" + encoded(lunch.at("/0/id").asText()) + "/messages";
        assertThat(graph.get(token, said).json().at("/value/0/messageType").asText())
                .isEqualTo("unknownFutureValue");
        assertThat(graph.get(token, said, "Prefer", "include-unknown-enum-members")
                        .json()
                        .at("/value/0/messageType")
                        .asText())
                .isEqualTo("systemEventMessage");
    }

    @Test
    void onesChatsAreSubscribedToAndTheTruthKnowsEveryVersion() {
        try (var webhook = new WebhookOfTests()) {
            String resource = "/users/" + Seed.ADA_OID + "/chats/getAllMessages";
            String wanted = "{\"changeType\":\"created,updated,deleted\",\"resource\":\"" + resource
                    + "\",\"notificationUrl\":\"" + webhook.url("/n") + "\",\"expirationDateTime\":\""
                    + emulator.clock().instant().plus(Duration.ofMinutes(50)) + "\"}";
            assertThat(graph.post(graph.tokenOf(Seed.BEN, READ), "/subscriptions", wanted)
                            .status())
                    .as("not to somebody else's")
                    .isEqualTo(403);
            assertThat(graph.post(graph.tokenOf(Seed.ADA), "/subscriptions", wanted)
                            .status())
                    .isEqualTo(403);
            assertThat(graph.post(graph.tokenOf(Seed.ADA, READ), "/subscriptions", wanted)
                            .status())
                    .isEqualTo(201);
            assertThat(graph.post(graph.appToken(APP), "/subscriptions", wanted).status())
                    .as("one of an app and user")
                    .isEqualTo(409);

            String id = post(Seed.BEN, "hello").id();
            graph.activity("{\"kind\":\"chatMessage\",\"op\":\"delete\",\"id\":\"" + id + "\"}");
            graph.activity("{\"kind\":\"chatMessage\",\"op\":\"restore\",\"id\":\"" + id + "\"}");

            await().until(() -> webhook.items("/n").size() == 3);
            assertThat(webhook.items("/n").get(0).path("resource").asText())
                    .isEqualTo("chats('" + Seed.CHAT_ID + "')/messages('" + id + "')");
            JsonNode truth = graph.truth("chats/" + Seed.CHAT_ID + "/messages");
            assertThat(truth.path("versions").findValuesAsText("type"))
                    .containsExactly("created", "deleted", "updated");
            assertThat(truth.path("present").get(0).asText()).isEqualTo(id);
        }
    }

    @Test
    void aChatIsThrottledHoweverItIsReached() {
        graph.control("POST", "/graph", "{\"throttling\":{\"enabled\":true}}");
        String token = graph.tokenOf(Seed.ADA, READ);

        assertThat(graph.get(token, CHAT + "/messages").status()).isEqualTo(200);
        Answer second = graph.get(token, "/me/chats/" + encoded(Seed.CHAT_ID) + "/messages");

        assertThat(second.status()).isEqualTo(429);
        assertThat(second.header("Retry-After")).contains("1");
    }
}
