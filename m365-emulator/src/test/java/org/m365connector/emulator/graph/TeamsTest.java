package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.graph.GraphClientOfTests.encoded;

import com.fasterxml.jackson.databind.JsonNode;
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

class TeamsTest {

    private static final String TEAM = "/teams/" + Seed.TEAM_ID;
    private static final String MESSAGES = TEAM + "/channels/" + encoded(Seed.GENERAL_ID) + "/messages";

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
                graph.tokenOf(upn), MESSAGES, "{\"body\":{\"contentType\":\"html\",\"content\":\"" + content + "\"}}");
    }

    @Test
    void whoHasNoLicenceIsAnsweredAsTeamsDoesAndTheAppNeedsNone() {
        graph.control("POST", "/accounts/" + Seed.BEN, "{\"teamsLicence\":false}");
        String ben = graph.tokenOf(Seed.BEN);

        for (Answer refused :
                List.of(graph.get(ben, "/me/joinedTeams"), graph.get(ben, MESSAGES), post(Seed.BEN, "hello"))) {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.errorCode()).isEqualTo("Forbidden");
            assertThat(refused.errorMessage())
                    .isEqualTo("Failed to get license information for the user. Ensure user has a valid Office365"
                            + " license assigned to them.");
            assertThat(refused.json()
                            .path("error")
                            .path("innerError")
                            .path("code")
                            .asText())
                    .isEqualTo("Forbidden");
        }
        assertThat(graph.get(graph.appToken(), TEAM).status()).isEqualTo(200);
        assertThat(graph.get(ben, "/me/messages").status()).isEqualTo(200);
    }

    @Test
    void aTeamIsFoundWithItsChannelsAndMembers() {
        String ben = graph.tokenOf(Seed.BEN);

        JsonNode team = graph.get(ben, "/me/joinedTeams").json().path("value").path(0);
        assertThat(team.path("id").asText()).isEqualTo(Seed.TEAM_ID);
        assertThat(graph.get(ben, TEAM).json().path("displayName").asText()).isEqualTo(Seed.TEAM_NAME);
        assertThat(graph.get(ben, TEAM + "/channels").json().path("value").findValuesAsText("displayName"))
                .containsExactly(Seed.GENERAL, Seed.MILESTONES);
        assertThat(graph.get(graph.tokenOf(Seed.BEN, Set.of("TeamMember.Read.All")), TEAM + "/members")
                        .json()
                        .path("value"))
                .hasSize(4);
        assertThat(graph.get(graph.appToken(), "/users/" + Seed.BEN + "/joinedTeams")
                        .json()
                        .path("value"))
                .hasSize(1);
        assertThat(graph.get(ben, "/teams/00000000-0000-0000-0000-000000000000").status())
                .isEqualTo(404);
    }

    @Test
    void aMessageIsPostedUnderTheUsersOwnName() {
        Answer answer = post(Seed.BEN, "<b>Milestone</b> reached");

        assertThat(answer.status()).isEqualTo(201);
        JsonNode message = answer.json();
        assertThat(message.path("@odata.context").asText())
                .endsWith("$metadata#teams('" + Seed.TEAM_ID + "')/channels('" + encoded(Seed.GENERAL_ID)
                        + "')/messages/$entity");
        assertThat(message.path("id").asText())
                .matches("\\d{13}")
                .isEqualTo(message.path("etag").asText());
        assertThat(message.path("messageType").asText()).isEqualTo("message");
        assertThat(message.path("replyToId").isNull()).isTrue();
        assertThat(message.path("from").path("user").path("id").asText()).isEqualTo(Seed.BEN_OID);
        assertThat(message.path("from").path("user").path("userIdentityType").asText())
                .isEqualTo("aadUser");
        assertThat(message.path("channelIdentity").path("channelId").asText()).isEqualTo(Seed.GENERAL_ID);
        assertThat(message.path("createdDateTime").asText())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(message.path("webUrl").asText()).contains("/l/message/", "parentMessageId=" + answer.id());
        for (String nullable : List.of("lastEditedDateTime", "deletedDateTime", "subject", "summary", "chatId")) {
            assertThat(message.path(nullable).isNull()).as(nullable).isTrue();
        }
        assertThat(graph.post(graph.tokenOf(Seed.BEN), MESSAGES, "{\"subject\":\"x\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void repliesStayBelowTheirPost() {
        String post = post(Seed.BEN, "Question").id();

        Answer reply = graph.post(
                graph.tokenOf(Seed.CLARA), MESSAGES + "/" + post + "/replies", "{\"body\":{\"content\":\"Answer\"}}");

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.json().path("replyToId").asText()).isEqualTo(post);
        String app = graph.appToken();
        assertThat(graph.get(app, MESSAGES).json().path("value")).hasSize(1);
        assertThat(graph.get(app, MESSAGES + "?$expand=replies")
                        .json()
                        .path("value")
                        .path(0)
                        .path("replies"))
                .hasSize(1);
        assertThat(graph.get(app, MESSAGES + "/" + post + "/replies").json().path("value"))
                .hasSize(1);
        assertThat(graph.get(app, MESSAGES + "/" + post + "/replies/" + reply.id())
                        .status())
                .isEqualTo(200);
        assertThat(graph.get(app, MESSAGES + "/" + reply.id()).status()).isEqualTo(404);
    }

    @Test
    void ofALongThreadThePostShowsTheNewestRepliesAndALinkToTheOthers() {
        graph.control("POST", "/graph", "{\"paging\":{\"channelReplies\":{\"expanded\":3}}}");
        String app = graph.appToken();
        String post = post(Seed.BEN, "Question").id();
        List<String> replies = new ArrayList<>();
        graph.activity("{\"kind\":\"channelMessage\",\"channel\":\"General\",\"replyTo\":\"" + post + "\",\"count\":7}")
                .path("ids")
                .forEach(id -> replies.add(id.asText()));

        for (String list : List.of(MESSAGES, MESSAGES + "/delta")) {
            List<String> seen = new ArrayList<>();
            JsonNode shown = graph.get(app, list + "?$expand=replies")
                    .json()
                    .path("value")
                    .path(0);
            shown.path("replies").forEach(reply -> seen.add(reply.path("id").asText()));
            assertThat(seen).containsExactlyElementsOf(replies.subList(4, 7));
            String next = shown.path("replies@odata.nextLink").asText();
            while (!next.isEmpty()) {
                JsonNode page = graph.get(app, next).json();
                page.path("value").forEach(reply -> seen.add(reply.path("id").asText()));
                next = page.path("@odata.nextLink").asText();
            }
            assertThat(seen).containsExactlyInAnyOrderElementsOf(replies);
        }
    }

    @Test
    void messagesComeInPagesOfFiftyAtMost() {
        graph.activity("{\"kind\":\"channelMessage\",\"channel\":\"General\",\"count\":45}");
        String app = graph.appToken();
        List<String> ids = new ArrayList<>();
        String next = MESSAGES;
        while (!next.isEmpty()) {
            JsonNode page = graph.get(app, next).json();
            ids.addAll(page.path("value").findValuesAsText("etag"));
            next = page.path("@odata.nextLink").asText("");
        }

        assertThat(ids).hasSize(45).doesNotHaveDuplicates();
        assertThat(graph.get(app, MESSAGES + "?$top=50").json().path("value")).hasSize(45);
        assertThat(graph.get(app, MESSAGES + "?$top=51").status()).isEqualTo(400);
        assertThat(graph.get(app, MESSAGES + "?$filter=id%20eq%20'1'").status()).isEqualTo(400);
    }

    @Test
    void theAuthorDeletesAndTheMessageStaysEmpty() {
        String post = post(Seed.BEN, "Oops").id();
        Set<String> scopes = Set.of("ChannelMessage.ReadWrite", "ChannelMessage.Read.All");

        assertThat(graph.post(graph.tokenOf(Seed.CLARA, scopes), MESSAGES + "/" + post + "/softDelete", "")
                        .status())
                .isEqualTo(403);
        assertThat(graph.post(graph.tokenOf(Seed.BEN), MESSAGES + "/" + post + "/softDelete", "")
                        .status())
                .isEqualTo(403);
        assertThat(graph.post(graph.appToken(), MESSAGES + "/" + post + "/softDelete", "")
                        .status())
                .isEqualTo(412);
        assertThat(graph.post(graph.tokenOf(Seed.BEN, scopes), MESSAGES + "/" + post + "/softDelete", "")
                        .status())
                .isEqualTo(204);
        JsonNode gone = graph.get(graph.appToken(), MESSAGES + "/" + post).json();
        assertThat(gone.path("deletedDateTime").isTextual()).isTrue();
        assertThat(gone.path("body").path("content").asText()).isEmpty();
        assertThat(gone.path("etag").asText()).isGreaterThan(post);
    }
}
