package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.graph.GraphClientOfTests.encoded;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;

class DeltaTest {

    private static final String IMMUTABLE = "IdType=\"ImmutableId\"";
    private static final String INBOX = "/users/" + Seed.BEN + "/mailFolders/inbox/messages";
    private static final String CHANNEL =
            "/teams/" + Seed.TEAM_ID + "/channels/" + encoded(Seed.GENERAL_ID) + "/messages";

    private static Emulator emulator;
    private static GraphClientOfTests graph;
    private static String app;

    /** All items of a round and the link to the next. */
    private record Round(List<JsonNode> items, String deltaLink, int pages) {}

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
        app = graph.appToken();
    }

    private static Round round(String link, String... headers) {
        List<JsonNode> items = new ArrayList<>();
        String next = link;
        int pages = 0;
        while (true) {
            Answer answer = graph.get(app, next, headers);
            assertThat(answer.status()).as(answer.http().body()).isEqualTo(200);
            JsonNode page = answer.json();
            pages++;
            page.path("value").forEach(items::add);
            assertThat(page.has("@odata.nextLink")).isNotEqualTo(page.has("@odata.deltaLink"));
            if (page.has("@odata.deltaLink")) {
                return new Round(items, page.path("@odata.deltaLink").asText(), pages);
            }
            next = page.path("@odata.nextLink").asText();
            assertThat(next).contains("$skiptoken=");
        }
    }

    private static List<String> ids(Round round) {
        return round.items().stream().map(item -> item.path("id").asText()).toList();
    }

    @Test
    void aFolderIsReadOnceAndThenOnlyWhatChanged() {
        Round first = round(INBOX + "/delta?$select=subject,isRead", "Prefer", "odata.maxpagesize=10");
        assertThat(first.items()).hasSize(25);
        assertThat(first.pages()).isEqualTo(3);
        assertThat(first.items().get(0).path("@odata.type").asText()).isEqualTo("#microsoft.graph.message");
        assertThat(first.items().get(0).has("body")).isFalse();
        assertThat(round(first.deltaLink()).items()).isEmpty();

        String created = graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.BEN + "\",\"subject\":\"New\"}")
                .path("ids")
                .path(0)
                .asText();
        String gone = ids(first).get(0);
        graph.delete(app, "/users/" + Seed.BEN + "/messages/" + gone);
        String read = ids(first).get(1);
        graph.patch(app, "/users/" + Seed.BEN + "/messages/" + read, "{\"isRead\":true}");
        Round second = round(first.deltaLink());

        assertThat(ids(second)).containsExactlyInAnyOrder(created, gone, read);
        JsonNode removed = second.items().stream()
                .filter(item -> item.path("id").asText().equals(gone))
                .findFirst()
                .orElseThrow();
        assertThat(removed.path("@removed").path("reason").asText()).isEqualTo("deleted");
        assertThat(removed.has("subject")).isFalse();
        assertThat(round(second.deltaLink()).items()).isEmpty();
    }

    @Test
    void deltaAndTruthNameTheSameVersions() {
        Round first = round(INBOX + "/delta");
        String id = graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.BEN + "\"}")
                .path("ids")
                .path(0)
                .asText();
        JsonNode created = round(first.deltaLink()).items().get(0);

        JsonNode versions = graph.truth("users/" + Seed.BEN + "/mailFolders('inbox')/messages")
                .path("versions");

        JsonNode last = versions.get(versions.size() - 1);
        assertThat(last.path("id").asText())
                .isEqualTo(id)
                .isEqualTo(created.path("id").asText());
        assertThat(last.path("etag")).isEqualTo(created.path("@odata.etag"));
        assertThat(last.path("type").asText()).isEqualTo("created");
    }

    @Test
    void withImmutableIdsAMoveAwayAndBackIsOneLivingItem() {
        Round first = round(INBOX + "/delta", "Prefer", IMMUTABLE);
        String id = ids(first).get(0);
        for (String folder : List.of("archive", "inbox")) {
            graph.post(
                    app, "/users/" + Seed.BEN + "/messages/" + id + "/move", "{\"destinationId\":\"" + folder + "\"}");
        }

        Round second = round(first.deltaLink(), "Prefer", IMMUTABLE);

        assertThat(ids(second)).containsExactly(id);
        assertThat(second.items().get(0).has("@removed")).isFalse();
    }

    @Test
    void whatChangesDuringARoundComesInTheNext() {
        Answer page = graph.get(app, INBOX + "/delta?$top=5");
        String created = graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.BEN + "\"}")
                .path("ids")
                .path(0)
                .asText();

        Round rest = round(page.json().path("@odata.nextLink").asText());

        assertThat(ids(rest)).hasSize(20).doesNotContain(created);
        assertThat(ids(round(rest.deltaLink()))).containsExactly(created);
    }

    @Test
    void emptyPagesAndReplaysComeOnDemand() {
        graph.control("POST", "/graph", "{\"delta\":{\"emptyPages\":true,\"replays\":2}}");

        Round first = round(INBOX + "/delta?$top=30");
        assertThat(first.pages()).isEqualTo(2);
        assertThat(first.items()).hasSize(25);
        assertThat(round(first.deltaLink()).items()).hasSize(2);
    }

    @Test
    void oldForeignAndForgottenTokensAreGone() {
        Round first = round(INBOX + "/delta");

        Answer invented = graph.get(app, INBOX + "/delta?$deltatoken=abc");
        assertThat(invented.status()).isEqualTo(410);
        assertThat(invented.errorCode()).isEqualToIgnoringCase("syncStateNotFound");
        assertThat(invented.header("Location").orElseThrow()).contains("/messages/delta?$deltatoken=");
        String token = first.deltaLink().substring(first.deltaLink().indexOf("$deltatoken="));
        assertThat(graph.get(app, "/users/" + Seed.BEN + "/mailFolders/archive/messages/delta?" + token)
                        .status())
                .isEqualTo(410);
        assertThat(graph.get(app, first.deltaLink() + "&$select=subject").status())
                .isEqualTo(400);

        graph.control("DELETE", "/delta", "");
        assertThat(graph.get(app, first.deltaLink()).status()).isEqualTo(410);

        Round again = round(INBOX + "/delta");
        emulator.advance(Duration.ofDays(8));
        app = graph.appToken();
        assertThat(graph.get(app, again.deltaLink()).status()).isEqualTo(410);
    }

    @Test
    void optionsThatDeltaDoesNotKnowAreRefused() {
        assertThat(graph.get(app, INBOX + "/delta?$search=x").errorCode()).isEqualTo("ErrorInvalidUrlQuery");
        assertThat(graph.get(app, INBOX + "/delta?$filter=isRead%20eq%20true").status())
                .isEqualTo(400);
        assertThat(graph.get(app, INBOX + "/delta?$filter=" + encoded("receivedDateTime ge 2020-01-01T00:00:00Z"))
                        .json()
                        .path("value"))
                .hasSize(10);
        assertThat(graph.get(app, INBOX + "/delta?changeType=created").status()).isEqualTo(200);
        assertThat(graph.get(app, CHANNEL + "/delta?$top=51").status()).isEqualTo(400);
        assertThat(graph.get(app, CHANNEL + "/delta?$select=id").status()).isEqualTo(400);
    }

    @Test
    void aChannelsDeltaHasPostsRepliesOnDemandAndDeletionsAsMessages() {
        String general = "{\"kind\":\"channelMessage\",\"channel\":\"General\",\"user\":\"" + Seed.BEN + "\"";
        String post = graph.activity(general + ",\"content\":\"First\"}")
                .path("ids")
                .path(0)
                .asText();
        Round first = round(CHANNEL + "/delta");
        Round expanded = round(CHANNEL + "/delta?$expand=replies&$top=50");
        assertThat(ids(first)).containsExactly(post);

        graph.activity(general + ",\"content\":\"Answer\",\"replyTo\":\"" + post + "\"}");
        assertThat(round(first.deltaLink()).items()).isEmpty();
        Round answered = round(expanded.deltaLink());
        assertThat(ids(answered)).containsExactly(post);
        assertThat(answered.items().get(0).path("replies")).hasSize(1);

        graph.activity(
                "{\"kind\":\"channelMessage\",\"op\":\"delete\",\"channel\":\"General\",\"id\":\"" + post + "\"}");
        JsonNode deleted = round(first.deltaLink()).items().get(0);
        assertThat(deleted.path("deletedDateTime").isTextual()).isTrue();
        assertThat(deleted.path("body").path("content").asText()).isEmpty();
        assertThat(deleted.has("@removed")).isFalse();
        assertThat(graph.truth("teams/" + Seed.TEAM_ID + "/channels/General/messages")
                        .path("present"))
                .hasSize(1);
        assertThat(graph.get(app, CHANNEL + "/delta?$deltatoken=abc").status()).isEqualTo(410);
    }

    @Test
    void aDeltaThatIsHeldBackShowsNothingNewUntilItIsLetGo() {
        Round first = round(INBOX + "/delta");
        graph.control("POST", "/delta", "{\"hold\":[\"mailFolders/inbox/messages/delta\"]}");
        String id = graph.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.BEN + "\"}")
                .at("/ids/0")
                .asText();
        Round held = round(first.deltaLink());
        assertThat(held.items()).isEmpty();
        assertThat(graph.get(app, "/users/" + Seed.BEN + "/messages/" + encoded(id))
                        .status())
                .as("everybody else sees it")
                .isEqualTo(200);
        assertThat(ids(round(INBOX + "/delta"))).as("who begins anew, too").contains(id);

        graph.control("POST", "/delta", "{\"hold\":[]}");
        assertThat(ids(round(held.deltaLink()))).containsExactly(id);
    }
}
