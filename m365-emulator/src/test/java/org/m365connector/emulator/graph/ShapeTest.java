package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.graph.GraphClientOfTests.encoded;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;

/** The members of Graph's entities as Microsoft's documentation prints them. */
class ShapeTest {

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

    private static List<String> members(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void aUser() {
        assertThat(members(graph.get(graph.tokenOf(Seed.BEN), "/me").json()))
                .containsExactlyInAnyOrder(
                        "@odata.context",
                        "businessPhones",
                        "displayName",
                        "givenName",
                        "jobTitle",
                        "mail",
                        "mobilePhone",
                        "officeLocation",
                        "preferredLanguage",
                        "surname",
                        "userPrincipalName",
                        "id");
    }

    @Test
    void aMail() {
        JsonNode mail = graph.get(graph.tokenOf(Seed.BEN), "/me/messages?$top=1")
                .json()
                .path("value")
                .path(0);

        assertThat(members(mail))
                .containsExactlyInAnyOrder(
                        "@odata.etag",
                        "id",
                        "createdDateTime",
                        "lastModifiedDateTime",
                        "changeKey",
                        "categories",
                        "receivedDateTime",
                        "sentDateTime",
                        "hasAttachments",
                        "internetMessageId",
                        "subject",
                        "bodyPreview",
                        "importance",
                        "parentFolderId",
                        "conversationId",
                        "conversationIndex",
                        "isDeliveryReceiptRequested",
                        "isReadReceiptRequested",
                        "isRead",
                        "isDraft",
                        "webLink",
                        "inferenceClassification",
                        "body",
                        "sender",
                        "from",
                        "toRecipients",
                        "ccRecipients",
                        "bccRecipients",
                        "replyTo",
                        "flag");
    }

    @Test
    void aMailFolder() {
        assertThat(members(graph.get(graph.tokenOf(Seed.BEN), "/me/mailFolders/inbox")
                        .json()))
                .containsExactlyInAnyOrder(
                        "@odata.context",
                        "id",
                        "displayName",
                        "parentFolderId",
                        "childFolderCount",
                        "unreadItemCount",
                        "totalItemCount",
                        "isHidden");
    }

    @Test
    void aChannelMessage() {
        JsonNode message = graph.post(
                        graph.tokenOf(Seed.BEN),
                        "/teams/" + Seed.TEAM_ID + "/channels/" + encoded(Seed.GENERAL_ID) + "/messages",
                        "{\"body\":{\"content\":\"Hello World\"}}")
                .json();

        assertThat(members(message))
                .contains(
                        "@odata.context",
                        "id",
                        "replyToId",
                        "etag",
                        "messageType",
                        "createdDateTime",
                        "lastModifiedDateTime",
                        "lastEditedDateTime",
                        "deletedDateTime",
                        "subject",
                        "summary",
                        "chatId",
                        "importance",
                        "locale",
                        "webUrl",
                        "policyViolation",
                        "from",
                        "body",
                        "channelIdentity",
                        "attachments",
                        "mentions",
                        "reactions");
        assertThat(members(message.path("from"))).containsExactly("application", "device", "conversation", "user");
        assertThat(message.path("body").path("contentType").asText()).isEqualTo("text");
    }

    @Test
    void aSubscription() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            JsonNode subscription = graph.post(
                            graph.tokenOf(Seed.BEN),
                            "/subscriptions",
                            "{\"changeType\":\"created\",\"notificationUrl\":\"" + webhook.url("/")
                                    + "\",\"resource\":\"me/mailFolders('Inbox')/messages\",\"expirationDateTime\":\""
                                    + emulator.clock().instant().plusSeconds(7200) + "\"}")
                    .json();

            assertThat(members(subscription))
                    .containsExactlyInAnyOrder(
                            "@odata.context",
                            "id",
                            "resource",
                            "applicationId",
                            "changeType",
                            "clientState",
                            "notificationUrl",
                            "notificationQueryOptions",
                            "notificationContentType",
                            "lifecycleNotificationUrl",
                            "expirationDateTime",
                            "creatorId",
                            "includeResourceData",
                            "latestSupportedTlsVersion",
                            "encryptionCertificate",
                            "encryptionCertificateId",
                            "notificationUrlAppId");
            assertThat(subscription.path("creatorId").asText()).isEqualTo(Seed.BEN_OID);
        }
    }
}
