package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.m365connector.emulator.graph.GraphClientOfTests.encoded;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;

class MailTest {

    private static final String IMMUTABLE = "IdType=\"ImmutableId\"";
    private static final String ACTION_PROPERTY = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name ActionId";

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
    }

    private static String draft(String subject, String to, String actionId) {
        return "{\"subject\":\"" + subject + "\",\"importance\":\"Low\",\"body\":{\"contentType\":\"HTML\","
                + "\"content\":\"They were <b>awesome</b>!\"},\"toRecipients\":[{\"emailAddress\":{\"address\":\"" + to
                + "\"}}],\"singleValueExtendedProperties\":[{\"id\":\"" + ACTION_PROPERTY + "\",\"value\":\"" + actionId
                + "\"}]}";
    }

    private static String byAction(String actionId) {
        return "$filter="
                + encoded("singleValueExtendedProperties/Any(ep: ep/id eq '" + ACTION_PROPERTY + "' and ep/value eq '"
                        + actionId + "')")
                + "&$expand=" + encoded("singleValueExtendedProperties($filter=id eq '" + ACTION_PROPERTY + "')");
    }

    @Test
    void whoHasNoMailboxIsAnsweredAsExchangeDoes() {
        graph.control("POST", "/accounts/" + Seed.BEN, "{\"mailbox\":false}");
        String ben = graph.tokenOf(Seed.BEN);

        for (Answer refused : List.of(
                graph.get(ben, "/me/mailFolders/inbox"),
                graph.get(ben, "/me/messages"),
                graph.get(graph.appToken(), "/users/" + Seed.BEN + "/messages"),
                graph.post(ben, "/me/sendMail", "{\"message\":" + draft("Game", Seed.ADA, "a1") + "}"))) {
            assertThat(refused.status()).isEqualTo(404);
            assertThat(refused.errorCode()).isEqualTo("MailboxNotEnabledForRESTAPI");
            assertThat(refused.errorMessage())
                    .isEqualTo("The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
        }
        JsonNode profile = graph.get(ben, "/me?$select=mail,assignedPlans").json();
        assertThat(profile.path("mail").isNull()).isTrue();
        assertThat(profile.path("assignedPlans").toString())
                .contains("\"capabilityStatus\":\"Deleted\",\"service\":\"exchange\"")
                .contains("\"capabilityStatus\":\"Enabled\",\"service\":\"TeamspaceAPI\"");

        // A mail to him reaches nobody, and what he had is there again with the licence.
        String ada = graph.tokenOf(Seed.ADA);
        graph.post(ada, "/me/sendMail", "{\"message\":" + draft("Lost", Seed.BEN, "a2") + "}");
        await().untilAsserted(() -> assertThat(graph.get(ada, "/me/mailFolders/sentitems/messages")
                        .json()
                        .findValuesAsText("subject"))
                .contains("Lost"));
        graph.control("POST", "/accounts/" + Seed.BEN, "{\"mailbox\":true}");
        Answer again = graph.get(ben, "/me/messages?$select=subject&$top=100");
        assertThat(again.json().path("value").findValuesAsText("subject"))
                .hasSize(25)
                .doesNotContain("Lost");
    }

    @Test
    void aDraftHasExchangesShape() {
        Answer answer = graph.post(graph.tokenOf(Seed.BEN), "/me/messages", draft("Game", Seed.ADA, "a1"));

        assertThat(answer.status()).isEqualTo(201);
        JsonNode draft = answer.json();
        assertThat(draft.path("@odata.context").asText())
                .isEqualTo(emulator.httpBase() + "/v1.0/$metadata#users('" + Seed.BEN_OID + "')/messages/$entity");
        assertThat(draft.path("@odata.etag").asText())
                .isEqualTo("W/\"" + draft.path("changeKey").asText() + "\"");
        assertThat(draft.path("isDraft").asBoolean()).isTrue();
        assertThat(draft.path("importance").asText()).isEqualTo("low");
        assertThat(draft.path("body").path("contentType").asText()).isEqualTo("html");
        assertThat(draft.path("bodyPreview").asText()).isEqualTo("They were awesome!");
        assertThat(draft.path("internetMessageId").asText()).matches("<.+@.+>");
        assertThat(draft.path("toRecipients")
                        .path(0)
                        .path("emailAddress")
                        .path("name")
                        .asText())
                .isEqualTo("Ada Lovelace");
        assertThat(draft.path("parentFolderId").asText())
                .isEqualTo(graph.get(graph.tokenOf(Seed.BEN), "/me/mailFolders/drafts")
                        .id());
        assertThat(draft.has("singleValueExtendedProperties")).isFalse();
        assertThat(draft.path("receivedDateTime").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    }

    @Test
    void aDraftIsFoundByItsExtendedPropertyBeforeAndAfterItWasSentOnce() {
        String app = graph.appToken();
        String mailbox = "/users/" + Seed.ADA;
        Answer draft =
                graph.post(app, mailbox + "/messages", draft("Milestone", Seed.BEN, "a-42"), "Prefer", IMMUTABLE);
        assertThat(draft.header("Preference-Applied")).contains(IMMUTABLE);
        String id = draft.id();
        Answer found = graph.get(app, mailbox + "/messages?" + byAction("a-42"), "Prefer", IMMUTABLE);
        assertThat(found.json().path("value")).hasSize(1);
        assertThat(found.json().path("value").path(0).path("id").asText()).isEqualTo(id);
        assertThat(found.json()
                        .path("value")
                        .path(0)
                        .path("singleValueExtendedProperties")
                        .path(0)
                        .path("value")
                        .asText())
                .isEqualTo("a-42");
        assertThat(graph.get(app, mailbox + "/messages?" + byAction("a-43"))
                        .json()
                        .path("value"))
                .isEmpty();

        assertThat(graph.post(app, mailbox + "/messages/" + id + "/send", "").status())
                .isEqualTo(202);
        Answer again = graph.post(app, mailbox + "/messages/" + id + "/send", "");

        assertThat(again.status()).isEqualTo(400);
        await().untilAsserted(() -> {
            JsonNode sent = graph.get(app, mailbox + "/messages?" + byAction("a-42"), "Prefer", IMMUTABLE)
                    .json()
                    .path("value");
            assertThat(sent).hasSize(1);
            assertThat(sent.path(0).path("id").asText()).isEqualTo(id);
            assertThat(sent.path(0).path("isDraft").asBoolean()).isFalse();
            assertThat(sent.path(0).path("parentFolderId").asText())
                    .isEqualTo(
                            graph.get(app, mailbox + "/mailFolders/sentitems").id());
        });
        JsonNode inbox = graph.get(graph.tokenOf(Seed.BEN), "/me/mailFolders/inbox/messages?$top=50")
                .json()
                .path("value");
        List<JsonNode> received = inbox.findParents("subject").stream()
                .filter(mail -> mail.path("subject").asText().equals("Milestone"))
                .toList();
        assertThat(received).hasSize(1);
        assertThat(received.get(0).path("isRead").asBoolean()).isFalse();
        assertThat(received.get(0).path("internetMessageId"))
                .isEqualTo(draft.json().path("internetMessageId"));
        assertThat(received.get(0)
                        .path("from")
                        .path("emailAddress")
                        .path("address")
                        .asText())
                .isEqualTo(Seed.ADA);
    }

    @Test
    void anOrdinaryIdDiesWithTheMoveAnImmutableOneDoesNot() {
        String ben = graph.tokenOf(Seed.BEN);
        String id = graph.get(ben, "/me/messages?$top=1")
                .json()
                .path("value")
                .path(0)
                .path("id")
                .asText();
        String immutable =
                graph.get(ben, "/me/messages/" + id, "Prefer", IMMUTABLE).id();

        Answer moved = graph.post(ben, "/me/messages/" + id + "/move", "{\"destinationId\":\"archive\"}");

        assertThat(moved.status()).isEqualTo(201);
        assertThat(moved.id()).isNotEqualTo(id);
        assertThat(graph.get(ben, "/me/messages/" + id).errorCode()).isEqualTo("ErrorItemNotFound");
        assertThat(graph.get(ben, "/me/messages/" + immutable, "Prefer", IMMUTABLE)
                        .id())
                .isEqualTo(immutable);
        assertThat(graph.get(ben, "/me/messages/" + immutable).id()).isEqualTo(moved.id());
    }

    @Test
    void deletingGoesThroughDeletedItems() {
        String ben = graph.tokenOf(Seed.BEN);
        String immutable = graph.get(ben, "/me/messages?$top=1", "Prefer", IMMUTABLE)
                .json()
                .path("value")
                .path(0)
                .path("id")
                .asText();

        assertThat(graph.delete(ben, "/me/messages/" + immutable).status()).isEqualTo(204);

        assertThat(graph.get(ben, "/me/messages/" + immutable)
                        .json()
                        .path("parentFolderId")
                        .asText())
                .isEqualTo(graph.get(ben, "/me/mailFolders/deleteditems").id());
        assertThat(graph.delete(ben, "/me/messages/" + immutable).status()).isEqualTo(204);
        assertThat(graph.get(ben, "/me/mailFolders/deleteditems/messages")
                        .json()
                        .path("value"))
                .isEmpty();
    }

    @Test
    void everyChangeMakesANewVersionAndAnOldOneCannotBeChanged() {
        String ben = graph.tokenOf(Seed.BEN);
        JsonNode mail =
                graph.get(ben, "/me/messages?$top=1").json().path("value").path(0);
        String path = "/me/messages/" + mail.path("id").asText();

        Answer changed = graph.patch(
                ben,
                path,
                "{\"isRead\":true}",
                "If-Match",
                mail.path("@odata.etag").asText());

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().path("isRead").asBoolean()).isTrue();
        assertThat(changed.json().path("@odata.etag")).isNotEqualTo(mail.path("@odata.etag"));
        Answer late = graph.patch(
                ben,
                path,
                "{\"isRead\":false}",
                "If-Match",
                mail.path("@odata.etag").asText());
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.errorCode()).isEqualTo("ErrorIrresolvableConflict");
        assertThat(graph.patch(ben, path, "{\"subject\":\"Other\"}").errorCode())
                .isEqualTo("ErrorInvalidPropertyUpdateSentMessage");
        assertThat(graph.patch(ben, path, "{\"colour\":\"red\"}").errorCode()).isEqualTo("RequestBodyRead");
        assertThat(graph.patch(ben, path, "{").status()).isEqualTo(400);
    }

    @Test
    void pagesAreFollowedByTheirLinks() {
        String ben = graph.tokenOf(Seed.BEN);
        List<String> ids = new ArrayList<>();
        String next = "/me/messages?$select=subject&$orderby=receivedDateTime%20desc";
        int pages = 0;
        while (!next.isEmpty()) {
            JsonNode page = graph.get(ben, next).json();
            page.path("value").forEach(mail -> {
                assertThat(mail.size()).isEqualTo(3);
                ids.add(mail.path("id").asText());
            });
            next = page.path("@odata.nextLink").asText("");
            pages++;
        }
        assertThat(pages).isEqualTo(3);
        assertThat(ids).hasSize(25).doesNotHaveDuplicates();
    }

    @Test
    void filtersAreUnderstoodOrRefused() {
        String ben = graph.tokenOf(Seed.BEN);

        assertThat(graph.get(ben, "/me/messages?$filter=isRead%20eq%20true")
                        .json()
                        .path("value"))
                .isEmpty();
        assertThat(graph.get(
                                ben,
                                "/me/messages?$count=true&$filter="
                                        + encoded("receivedDateTime ge 2020-01-01T00:00:00Z and isRead eq false"))
                        .json()
                        .path("@odata.count")
                        .asInt())
                .isEqualTo(25);
        assertThat(graph.get(ben, "/me/messages?$filter=isRead%20eq").status()).isEqualTo(400);
        assertThat(graph.get(ben, "/me/messages?$filter=colour%20eq%20true").status())
                .isEqualTo(400);
        assertThat(graph.get(ben, "/me/messages?$select=colour").status()).isEqualTo(400);
        assertThat(graph.get(ben, "/me/messages?$filter=isRead%20eq%20false&$orderby=receivedDateTime")
                        .errorCode())
                .isEqualTo("InefficientFilter");
        assertThat(graph.get(ben, "/me/messages?$top=none").status()).isEqualTo(400);
    }

    @Test
    void sendMailReachesEveryRecipientAndBccStaysHidden() {
        String ben = graph.tokenOf(Seed.BEN);

        Answer answer = graph.post(
                ben,
                "/me/sendMail",
                "{\"message\":{\"subject\":\"Lunch?\",\"body\":{\"contentType\":\"Text\",\"content\":\"Now\"},"
                        + "\"toRecipients\":[{\"emailAddress\":{\"address\":\"" + Seed.CLARA + "\"}}],"
                        + "\"bccRecipients\":[{\"emailAddress\":{\"address\":\"" + Seed.DORA
                        + "\"}}]},\"saveToSentItems\":\"false\"}");

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.http().body()).isEmpty();
        await().untilAsserted(() -> {
            JsonNode newest = graph.get(graph.tokenOf(Seed.DORA), "/me/messages?$top=1")
                    .json()
                    .path("value")
                    .path(0);
            assertThat(newest.path("subject").asText()).isEqualTo("Lunch?");
            assertThat(newest.path("bccRecipients")).isEmpty();
        });
        assertThat(graph.get(ben, "/me/mailFolders/sentitems/messages").json().path("value"))
                .isEmpty();
        assertThat(graph.post(ben, "/me/sendMail", "{\"message\":{\"subject\":\"To nobody\"}}")
                        .errorCode())
                .isEqualTo("ErrorInvalidRecipients");
    }

    @Test
    void foldersAreListedWithTheirCounts() {
        String ben = graph.tokenOf(Seed.BEN);

        JsonNode folders = graph.get(ben, "/me/mailFolders").json().path("value");

        assertThat(folders.findValuesAsText("displayName")).contains("Inbox", "Sent Items", "Drafts", "Deleted Items");
        JsonNode inbox = graph.get(ben, "/me/mailFolders/inbox").json();
        assertThat(inbox.path("totalItemCount").asInt()).isEqualTo(25);
        assertThat(inbox.path("unreadItemCount").asInt()).isEqualTo(25);
        assertThat(graph.get(ben, "/me/mailFolders/nosuchfolder").status()).isEqualTo(400);
        assertThat(graph.post(ben, "/me/mailFolders", "{\"displayName\":\"Projects\"}")
                        .status())
                .isEqualTo(201);
        assertThat(graph.post(ben, "/me/mailFolders", "{\"displayName\":\"projects\"}")
                        .status())
                .isEqualTo(409);
    }
}
