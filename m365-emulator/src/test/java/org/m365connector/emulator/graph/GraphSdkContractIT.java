package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.microsoft.graph.core.tasks.PageIterator;
import com.microsoft.graph.models.BodyType;
import com.microsoft.graph.models.ChatMessage;
import com.microsoft.graph.models.EmailAddress;
import com.microsoft.graph.models.Importance;
import com.microsoft.graph.models.ItemBody;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.MessageCollectionResponse;
import com.microsoft.graph.models.Recipient;
import com.microsoft.graph.models.SingleValueLegacyExtendedProperty;
import com.microsoft.graph.models.Subscription;
import com.microsoft.graph.models.User;
import com.microsoft.graph.models.odataerrors.ODataError;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.messages.item.move.MovePostRequestBody;
import com.microsoft.graph.users.item.sendmail.SendMailPostRequestBody;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;

/** Microsoft's own client, unmodified but for its base URL, cannot tell the emulator from Graph. */
class GraphSdkContractIT {

    private static final String ACTION_PROPERTY = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name ActionId";

    private static Emulator emulator;
    private static GraphClientOfTests plain;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        plain = new GraphClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
    }

    private static GraphServiceClient as(String upn) {
        return SdkOfTests.client(emulator, plain.tokenOf(upn));
    }

    private static GraphServiceClient asApp() {
        return SdkOfTests.client(emulator, plain.appToken());
    }

    /** A new one each time: the client sends only what was set since it last sent the object. */
    private static ChatMessage chatMessage(String content) {
        ChatMessage message = new ChatMessage();
        message.setBody(html(content));
        return message;
    }

    private static Subscription subscription(WebhookOfTests webhook) {
        return SdkOfTests.wanted(
                webhook, "/users/" + Seed.ADA + "/mailFolders('inbox')/messages", "created,updated,deleted");
    }

    private static ItemBody html(String content) {
        ItemBody body = new ItemBody();
        body.setContentType(BodyType.Html);
        body.setContent(content);
        return body;
    }

    private static Recipient recipient(String address) {
        EmailAddress email = new EmailAddress();
        email.setAddress(address);
        Recipient recipient = new Recipient();
        recipient.setEmailAddress(email);
        return recipient;
    }

    private static ODataError error(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(ODataError.class, call);
    }

    @Test
    void theSignedInUserAndTheDirectoryAreRead() {
        User me = as(Seed.BEN).me().get();

        assertThat(me.getId()).isEqualTo(Seed.BEN_OID);
        assertThat(me.getUserPrincipalName()).isEqualTo(Seed.BEN);
        assertThat(asApp().users().get().getValue())
                .extracting(User::getUserPrincipalName)
                .contains(Seed.ADA, Seed.BEN, Seed.CLARA, Seed.PORTAL)
                .doesNotContain(Seed.DORA);
    }

    @Test
    void aListIsReadPageByPage() throws ReflectiveOperationException {
        GraphServiceClient graph = as(Seed.BEN);
        MessageCollectionResponse first = graph.me().messages().get(request -> {
            request.queryParameters.top = 7;
            request.queryParameters.select = new String[] {"subject", "receivedDateTime"};
        });
        assertThat(first.getValue()).hasSize(7);
        List<String> ids = new ArrayList<>();

        new PageIterator.Builder<Message, MessageCollectionResponse>()
                .client(graph)
                .collectionPage(first)
                .collectionPageFactory(MessageCollectionResponse::createFromDiscriminatorValue)
                .processPageItemCallback(message -> ids.add(message.getId()))
                .build()
                .iterate();

        assertThat(ids).hasSize(25).doesNotHaveDuplicates();
    }

    @Test
    void aDraftIsMadeSentAndFoundAgain() {
        GraphServiceClient graph = asApp();
        Message draft = new Message();
        draft.setSubject("Milestone reached");
        draft.setImportance(Importance.High);
        draft.setBody(html("<b>Milestone</b>"));
        draft.setToRecipients(List.of(recipient(Seed.BEN)));
        SingleValueLegacyExtendedProperty action = new SingleValueLegacyExtendedProperty();
        action.setId(ACTION_PROPERTY);
        action.setValue("action-1");
        draft.setSingleValueExtendedProperties(List.of(action));

        Message created = graph.users()
                .byUserId(Seed.ADA)
                .messages()
                .post(draft, request -> request.headers.add("Prefer", "IdType=\"ImmutableId\""));
        assertThat(created.getIsDraft()).isTrue();
        graph.users()
                .byUserId(Seed.ADA)
                .messages()
                .byMessageId(created.getId())
                .send()
                .post();

        await().untilAsserted(() -> {
            List<Message> found = graph.users()
                    .byUserId(Seed.ADA)
                    .messages()
                    .get(request -> {
                        request.headers.add("Prefer", "IdType=\"ImmutableId\"");
                        request.queryParameters.filter = "singleValueExtendedProperties/Any(ep: ep/id eq '"
                                + ACTION_PROPERTY + "' and ep/value eq 'action-1')";
                        request.queryParameters.expand =
                                new String[] {"singleValueExtendedProperties($filter=id eq '" + ACTION_PROPERTY + "')"};
                    })
                    .getValue();
            assertThat(found).hasSize(1);
            assertThat(found.get(0).getId()).isEqualTo(created.getId());
            assertThat(found.get(0).getIsDraft()).isFalse();
            assertThat(found.get(0).getSingleValueExtendedProperties().get(0).getValue())
                    .isEqualTo("action-1");
        });
        await().untilAsserted(() -> assertThat(as(Seed.BEN)
                        .me()
                        .messages()
                        .get(request -> request.queryParameters.top = 1)
                        .getValue()
                        .get(0)
                        .getSubject())
                .isEqualTo("Milestone reached"));
    }

    @Test
    void sendMailNeedsNoDraft() {
        SendMailPostRequestBody mail = new SendMailPostRequestBody();
        Message message = new Message();
        message.setSubject("Without a draft");
        message.setBody(html("Hi"));
        message.setToRecipients(List.of(recipient(Seed.CLARA)));
        mail.setMessage(message);
        mail.setSaveToSentItems(false);

        as(Seed.BEN).me().sendMail().post(mail);

        await().untilAsserted(() -> assertThat(
                        as(Seed.CLARA).me().messages().get().getValue().get(0).getSubject())
                .isEqualTo("Without a draft"));
        assertThat(as(Seed.BEN)
                        .me()
                        .mailFolders()
                        .byMailFolderId("sentitems")
                        .messages()
                        .get()
                        .getValue())
                .isEmpty();
    }

    @Test
    void aMailIsChangedMovedAndDeleted() {
        GraphServiceClient graph = as(Seed.BEN);
        String id = graph.me().messages().get().getValue().get(0).getId();
        Message read = new Message();
        read.setIsRead(true);

        assertThat(graph.me().messages().byMessageId(id).patch(read).getIsRead())
                .isTrue();
        MovePostRequestBody archive = new MovePostRequestBody();
        archive.setDestinationId("archive");
        Message moved = graph.me().messages().byMessageId(id).move().post(archive);
        assertThat(moved.getId()).isNotEqualTo(id);
        graph.me().messages().byMessageId(moved.getId()).delete();
        assertThat(error(() -> graph.me().messages().byMessageId(moved.getId()).get())
                        .getResponseStatusCode())
                .isEqualTo(404);
    }

    @Test
    void aMessageIsPostedAndAnswered() {
        ChatMessage posted = as(Seed.BEN)
                .teams()
                .byTeamId(Seed.TEAM_ID)
                .channels()
                .byChannelId(Seed.MILESTONES_ID)
                .messages()
                .post(chatMessage("<b>Milestone</b> reached"));
        assertThat(posted.getFrom().getUser().getId()).isEqualTo(Seed.BEN_OID);
        assertThat(posted.getChannelIdentity().getChannelId()).isEqualTo(Seed.MILESTONES_ID);
        emulator.advance(Duration.ofSeconds(1));
        ChatMessage reply = as(Seed.CLARA)
                .teams()
                .byTeamId(Seed.TEAM_ID)
                .channels()
                .byChannelId(Seed.MILESTONES_ID)
                .messages()
                .byChatMessageId(posted.getId())
                .replies()
                .post(chatMessage("Great"));

        assertThat(reply.getReplyToId()).isEqualTo(posted.getId());
        assertThat(as(Seed.ADA).me().joinedTeams().get().getValue().get(0).getDisplayName())
                .isEqualTo(Seed.TEAM_NAME);
    }

    @Test
    void aSubscriptionIsMadeRenewedAuthorisedAndEnded() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            GraphServiceClient graph = asApp();
            Subscription made = graph.subscriptions().post(subscription(webhook));
            assertThat(made.getClientState()).isEqualTo("s3cret");
            plain.activity("{\"kind\":\"mail\",\"mailbox\":\"" + Seed.ADA + "\"}");
            await().untilAsserted(
                            () -> assertThat(webhook.items("/notifications")).hasSize(1));

            Subscription longer = new Subscription();
            longer.setExpirationDateTime(OffsetDateTime.now(ZoneOffset.UTC).plusDays(3));
            Subscription renewed =
                    graph.subscriptions().bySubscriptionId(made.getId()).patch(longer);
            assertThat(renewed.getExpirationDateTime()).isAfter(made.getExpirationDateTime());
            graph.subscriptions().bySubscriptionId(made.getId()).reauthorize().post();
            assertThat(graph.subscriptions().get().getValue()).hasSize(1);
            assertThat(graph.subscriptions()
                            .bySubscriptionId(made.getId())
                            .get()
                            .getClientState())
                    .isNull();
            ODataError twice = error(() -> graph.subscriptions().post(subscription(webhook)));
            assertThat(twice.getResponseStatusCode()).isEqualTo(409);
            graph.subscriptions().bySubscriptionId(made.getId()).delete();
            assertThat(error(() -> graph.subscriptions()
                                    .bySubscriptionId(made.getId())
                                    .patch(longer))
                            .getResponseStatusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void aFoldersDeltaIsReadRoundByRound() {
        GraphServiceClient graph = asApp();
        var delta = graph.users()
                .byUserId(Seed.BEN)
                .mailFolders()
                .byMailFolderId("inbox")
                .messages()
                .delta();
        var page = delta.get(request -> {
            request.headers.add("Prefer", "odata.maxpagesize=10");
            request.queryParameters.select = new String[] {"subject"};
        });
        List<String> ids = new ArrayList<>();
        while (true) {
            page.getValue().forEach(message -> ids.add(message.getId()));
            if (page.getOdataNextLink() == null) {
                break;
            }
            page = delta.withUrl(page.getOdataNextLink())
                    .get(request -> request.headers.add("Prefer", "odata.maxpagesize=10"));
        }
        assertThat(ids).hasSize(25).doesNotHaveDuplicates();

        graph.users().byUserId(Seed.BEN).messages().byMessageId(ids.get(0)).delete();
        var next = delta.withUrl(page.getOdataDeltaLink()).get();

        assertThat(next.getValue()).hasSize(1);
        assertThat(next.getValue().get(0).getId()).isEqualTo(ids.get(0));
        assertThat(next.getValue().get(0).getAdditionalData()).containsKey("@removed");
        assertThat(next.getOdataDeltaLink()).isNotNull();
    }

    @Test
    void aChannelsDeltaIsReadRoundByRound() {
        plain.activity("{\"kind\":\"channelMessage\",\"channel\":\"General\",\"count\":3}");
        GraphServiceClient graph = asApp();
        var delta = graph.teams()
                .byTeamId(Seed.TEAM_ID)
                .channels()
                .byChannelId(Seed.GENERAL_ID)
                .messages()
                .delta();

        var first = delta.get(request -> request.queryParameters.top = 50);
        assertThat(first.getValue()).hasSize(3);
        String deleted = first.getValue().get(0).getId();
        plain.activity(
                "{\"kind\":\"channelMessage\",\"op\":\"delete\",\"channel\":\"General\",\"id\":\"" + deleted + "\"}");
        emulator.advance(Duration.ofSeconds(1));
        var second = delta.withUrl(first.getOdataDeltaLink()).get();

        assertThat(second.getValue()).hasSize(1);
        assertThat(second.getValue().get(0).getId()).isEqualTo(deleted);
        assertThat(second.getValue().get(0).getDeletedDateTime()).isNotNull();
    }

    @Test
    void eachKindOfErrorIsUnderstood() {
        String token = plain.tokenOf(Seed.BEN);
        emulator.advance(Duration.ofHours(2));
        ODataError expired = error(() -> SdkOfTests.client(emulator, token).me().get());
        assertThat(expired.getResponseStatusCode()).isEqualTo(401);
        assertThat(expired.getError().getCode()).isEqualTo("InvalidAuthenticationToken");

        ODataError denied = error(() -> SdkOfTests.client(emulator, plain.tokenOf(Seed.BEN, Set.of("User.Read")))
                .me()
                .messages()
                .get());
        assertThat(denied.getResponseStatusCode()).isEqualTo(403);
        assertThat(denied.getError().getCode()).isEqualTo("ErrorAccessDenied");

        ODataError missing = error(() ->
                as(Seed.BEN).me().messages().byMessageId("AAMkAGUwNjQ4ZjIxAAA=").get());
        assertThat(missing.getResponseStatusCode()).isEqualTo(404);
        assertThat(missing.getError().getCode()).isEqualTo("ErrorItemNotFound");
        assertThat(missing.getError().getInnerError().getRequestId()).isNotBlank();

        ODataError noUser = error(() -> asApp().me().get());
        assertThat(noUser.getResponseStatusCode()).isEqualTo(400);

        ODataError gone = error(() -> asApp().users()
                .byUserId(Seed.BEN)
                .mailFolders()
                .byMailFolderId("inbox")
                .messages()
                .delta()
                .withUrl(emulator.httpBase() + "/v1.0/users/" + Seed.BEN
                        + "/mailFolders/inbox/messages/delta?$deltatoken=abc")
                .get());
        assertThat(gone.getResponseStatusCode()).isEqualTo(410);
        assertThat(gone.getError().getCode()).isEqualToIgnoringCase("syncStateNotFound");
    }

    @Test
    void aThrottledCallIsRepeatedByTheClientAfterRetryAfter() {
        GraphServiceClient graph = as(Seed.BEN);
        var messages = graph.teams()
                .byTeamId(Seed.TEAM_ID)
                .channels()
                .byChannelId(Seed.GENERAL_ID)
                .messages();
        messages.post(chatMessage("Hi"));
        Instant before = Instant.now();

        ChatMessage second = messages.post(chatMessage("Hi"));

        assertThat(second.getId()).isNotNull();
        assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(900));
        assertThat(plain.control("GET", "/requests", "").toString()).contains("\"status\":429");
    }
}
