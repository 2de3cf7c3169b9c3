package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.graph.drives.item.items.item.delta.DeltaGetResponse;
import com.microsoft.graph.models.BaseItem;
import com.microsoft.graph.models.Channel;
import com.microsoft.graph.models.Chat;
import com.microsoft.graph.models.ChatMessage;
import com.microsoft.graph.models.Contact;
import com.microsoft.graph.models.DriveItem;
import com.microsoft.graph.models.Event;
import com.microsoft.graph.models.Folder;
import com.microsoft.graph.models.ItemReference;
import com.microsoft.graph.models.MailFolder;
import com.microsoft.graph.models.Subscription;
import com.microsoft.graph.models.odataerrors.ODataError;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;

/** Microsoft's own client lists, follows and subscribes to every kind of container that is no folder of mails and no channel. */
class ContainersContractIT {
    private static final String ALL_CHANGES = "created,updated,deleted";
    private static final String IMMUTABLE = "IdType=\"ImmutableId\"";

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

    private static GraphServiceClient asApp() {
        return SdkOfTests.client(emulator, plain.appToken());
    }

    private static GraphServiceClient asApp(String... roles) {
        return SdkOfTests.client(emulator, plain.appToken(Set.of(roles)));
    }

    private static GraphServiceClient as(String upn, String... scopes) {
        return SdkOfTests.client(emulator, plain.tokenOf(upn, Set.of(scopes)));
    }

    private static JsonNode activity(String json) {
        return plain.activity(json.replace('\'', '"')).at("/items/0");
    }

    private static int status(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(ODataError.class, call).getResponseStatusCode();
    }

    /** Items that came to the webhook since. */
    private static List<JsonNode> awaitItems(WebhookOfTests webhook, int count) {
        await().atMost(Duration.ofMinutes(3))
                .until(() -> webhook.items("/notifications").size() >= count);
        return webhook.items("/notifications");
    }

    private static DeltaGetResponse driveDelta(GraphServiceClient graph, String drive, List<DriveItem> seen) {
        var delta =
                graph.drives().byDriveId(drive).items().byDriveItemId("root").delta();
        return rest(graph, drive, delta.get(request -> request.queryParameters.top = 2), seen);
    }

    private static DeltaGetResponse rest(
            GraphServiceClient graph, String drive, DeltaGetResponse first, List<DriveItem> seen) {
        DeltaGetResponse page = first;
        seen.addAll(page.getValue());
        while (page.getOdataNextLink() != null) {
            page = graph.drives()
                    .byDriveId(drive)
                    .items()
                    .byDriveItemId("root")
                    .delta()
                    .withUrl(page.getOdataNextLink())
                    .get();
            seen.addAll(page.getValue());
        }
        return page;
    }

    private static List<DriveItem> since(GraphServiceClient graph, String drive, DeltaGetResponse before) {
        List<DriveItem> seen = new ArrayList<>();
        rest(
                graph,
                drive,
                graph.drives()
                        .byDriveId(drive)
                        .items()
                        .byDriveItemId("root")
                        .delta()
                        .withUrl(before.getOdataDeltaLink())
                        .get(),
                seen);
        return seen;
    }

    @Test
    void aDriveIsListedAndItsDeltaTellsWhatComesMovesAndGoes() {
        GraphServiceClient graph = asApp();
        String drive = graph.users().byUserId(Seed.ADA).drive().get().getId();
        DriveItem folder = new DriveItem();
        folder.setName("Reports");
        folder.setFolder(new Folder());
        String reports = graph.drives()
                .byDriveId(drive)
                .items()
                .byDriveItemId("root")
                .children()
                .post(folder)
                .getId();
        String plan = activity("{'kind':'driveItem','mailbox':'" + Seed.ADA + "','name':'Plan.txt'}")
                .path("id")
                .asText();
        assertThat(graph.drives()
                        .byDriveId(drive)
                        .items()
                        .byDriveItemId("root")
                        .children()
                        .get()
                        .getValue())
                .extracting(BaseItem::getName)
                .containsExactly("Plan.txt", "Reports");

        List<DriveItem> all = new ArrayList<>();
        DeltaGetResponse first = driveDelta(graph, drive, all);
        assertThat(all).extracting(BaseItem::getId).contains(reports, plan).hasSize(3);
        assertThat(all.stream().filter(item -> item.getRoot() != null)).hasSize(1);

        // A move: another parent and another version, and the folders above in the version that they had.
        DriveItem elsewhere = new DriveItem();
        elsewhere.setParentReference(new ItemReference());
        elsewhere.getParentReference().setId(reports);
        String reportsVersion = item(all, reports).getETag();
        graph.drives().byDriveId(drive).items().byDriveItemId(plan).patch(elsewhere);
        List<DriveItem> moved = since(graph, drive, first);
        assertThat(item(moved, plan).getParentReference().getId()).isEqualTo(reports);
        assertThat(item(moved, plan).getETag()).isNotEqualTo(item(all, plan).getETag());
        assertThat(item(moved, plan).getLastModifiedDateTime())
                .isEqualTo(item(all, plan).getLastModifiedDateTime());
        assertThat(item(moved, reports).getETag()).isEqualTo(reportsVersion);
        assertThat(item(moved, reports).getCTag())
                .isNotEqualTo(item(all, reports).getCTag());

        // A folder takes along what is in it.
        graph.drives().byDriveId(drive).items().byDriveItemId(reports).delete();
        List<DriveItem> gone = since(graph, drive, first).stream()
                .filter(item -> item.getDeleted() != null)
                .toList();
        assertThat(gone).extracting(BaseItem::getId).containsExactlyInAnyOrder(reports, plan);
        assertThat(gone).allMatch(item -> item.getName() == null && item.getETag() == null);
        assertThat(status(() -> graph.drives()
                        .byDriveId(drive)
                        .items()
                        .byDriveItemId(plan)
                        .get()))
                .isEqualTo(404);
    }

    private static DriveItem item(List<DriveItem> items, String id) {
        return items.stream()
                .filter(item -> item.getId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aDrivesDeltaLinkDiesWithAResync() {
        GraphServiceClient graph = asApp();
        String drive = graph.users().byUserId(Seed.ADA).drive().get().getId();
        DeltaGetResponse first = driveDelta(graph, drive, new ArrayList<>());
        plain.control("DELETE", "/delta", "");

        ODataError lost = catchThrowableOfType(ODataError.class, () -> since(graph, drive, first));

        assertThat(lost.getResponseStatusCode()).isEqualTo(410);
        assertThat(lost.getError().getCode()).isEqualTo("resyncRequired");
        String again = lost.getResponseHeaders().get("Location").iterator().next();
        assertThat(graph.drives()
                        .byDriveId(drive)
                        .items()
                        .byDriveItemId("root")
                        .delta()
                        .withUrl(again)
                        .get()
                        .getValue())
                .isNotEmpty();
        DeltaGetResponse latest = graph.drives()
                .byDriveId(drive)
                .items()
                .byDriveItemId("root")
                .delta()
                .withUrl(again + "?token=latest")
                .get();
        assertThat(latest.getValue()).isEmpty();
        assertThat(latest.getOdataDeltaLink()).contains("token=");
    }

    @Test
    void aDriveIsSubscribedToForUpdatesOfItsRootAndTellsNoItem() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            GraphServiceClient graph = asApp();
            String root = "/users/" + Seed.ADA + "/drive/root";
            assertThat(status(() -> graph.subscriptions().post(SdkOfTests.wanted(webhook, root, ALL_CHANGES))))
                    .isEqualTo(400);
            assertThat(status(() ->
                            asApp("Files.Read.All").subscriptions().post(SdkOfTests.wanted(webhook, root, "updated"))))
                    .as("who may read may not subscribe")
                    .isEqualTo(403);
            Subscription wanted = SdkOfTests.wanted(webhook, root, "updated");
            wanted.setExpirationDateTime(wanted.getExpirationDateTime().plusDays(28));
            Subscription made = graph.subscriptions().post(wanted);
            assertThat(made.getExpirationDateTime())
                    .isAfter(wanted.getExpirationDateTime().minusDays(1));

            String item = activity("{'kind':'driveItem','mailbox':'" + Seed.ADA + "','name':'a.txt'}")
                    .path("id")
                    .asText();
            activity("{'kind':'driveItem','op':'delete','mailbox':'" + Seed.ADA + "','id':'" + item + "'}");

            List<JsonNode> items = awaitItems(webhook, 2);
            assertThat(items)
                    .allMatch(one -> one.path("changeType").asText().equals("updated")
                            && one.path("resource").asText().equals(root)
                            && one.path("resourceData").path("id").isMissingNode());
        }
    }

    @Test
    void aDriveIsItsOwners() {
        String ofAda = plain.truth("users/" + Seed.ADA + "/drive")
                .path("resource")
                .asText()
                .split("/", -1)[1];
        GraphServiceClient ben = as(Seed.BEN, "Files.ReadWrite.All");
        assertThat(ben.me().drive().get().getId()).isNotEqualTo(ofAda);
        assertThat(status(() -> ben.drives().byDriveId(ofAda).get())).isEqualTo(403);
        assertThat(status(() -> ben.users().byUserId(Seed.ADA).drive().get())).isEqualTo(403);
        assertThat(status(() -> as(Seed.ADA, "Mail.Read").me().drive().get())).isEqualTo(403);
        assertThat(status(() -> asApp().drives().byDriveId("nonsense").get())).isEqualTo(400);
        assertThat(as(Seed.DORA, "Files.Read").me().drive().get().getDriveType())
                .as("personal accounts have one too")
                .isEqualTo("personal");
    }

    @Test
    void contactsAreListedAndTheirDeltaIsReadRoundByRound() {
        GraphServiceClient graph = asApp("Contacts.ReadWrite");
        String suppliers = activity("{'kind':'contactFolder','mailbox':'" + Seed.BEN + "','name':'Suppliers'}")
                .path("id")
                .asText();
        plain.activity("{\"kind\":\"contact\",\"mailbox\":\"" + Seed.BEN + "\",\"count\":5}");
        var contacts = graph.users().byUserId(Seed.BEN).contacts();
        assertThat(contacts.get(request -> request.queryParameters.top = 3).getValue())
                .hasSize(3);

        var delta = contacts.delta();
        List<String> ids = new ArrayList<>();
        var page = delta.get(request -> {
            request.headers.add("Prefer", IMMUTABLE);
            request.headers.add("Prefer", "odata.maxpagesize=2");
        });
        while (true) {
            page.getValue().forEach(contact -> ids.add(contact.getId()));
            if (page.getOdataNextLink() == null) {
                break;
            }
            page = delta.withUrl(page.getOdataNextLink()).get(request -> request.headers.add("Prefer", IMMUTABLE));
        }
        assertThat(ids).hasSize(5).doesNotHaveDuplicates();

        String moves = ids.get(0);
        activity("{'kind':'contact','op':'move','mailbox':'" + Seed.BEN + "','id':'" + moves
                + "','destination':'Suppliers'}");
        contacts.byContactId(ids.get(1)).delete();
        Contact changed = new Contact();
        changed.setJobTitle("Admiral");
        contacts.byContactId(ids.get(2)).patch(changed);
        var next = delta.withUrl(page.getOdataDeltaLink()).get(request -> request.headers.add("Prefer", IMMUTABLE));

        assertThat(next.getValue().stream()
                        .filter(contact -> contact.getAdditionalData().containsKey("@removed")))
                .extracting(Contact::getId)
                .containsExactlyInAnyOrder(moves, ids.get(1));
        assertThat(next.getValue().stream().filter(contact -> contact.getJobTitle() != null))
                .extracting(Contact::getId)
                .containsExactly(ids.get(2));
        assertThat(graph.users()
                        .byUserId(Seed.BEN)
                        .contactFolders()
                        .byContactFolderId(suppliers)
                        .contacts()
                        .delta()
                        .get(request -> request.headers.add("Prefer", IMMUTABLE))
                        .getValue())
                .extracting(Contact::getId)
                .containsExactly(moves);
        assertThat(contacts.byContactId(ids.get(1))
                        .get(request -> request.headers.add("Prefer", IMMUTABLE))
                        .getParentFolderId())
                .as("deleted, but still to be found in Deleted Items")
                .isNotEqualTo(contacts.byContactId(ids.get(2)).get().getParentFolderId());
    }

    @Test
    void contactsAreSubscribedToByTheirFolder() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            GraphServiceClient graph = asApp();
            Subscription wanted = SdkOfTests.wanted(webhook, "/users/" + Seed.BEN + "/contacts", ALL_CHANGES);
            graph.subscriptions().post(wanted, request -> request.headers.add("Prefer", IMMUTABLE));
            activity("{'kind':'contactFolder','mailbox':'" + Seed.BEN + "','name':'Suppliers'}");

            String id = activity("{'kind':'contact','mailbox':'" + Seed.BEN + "'}")
                    .path("immutableId")
                    .asText();
            activity("{'kind':'contact','mailbox':'" + Seed.BEN + "','folder':'Suppliers'}");
            activity("{'kind':'contact','op':'update','mailbox':'" + Seed.BEN + "','id':'" + id + "'}");
            activity("{'kind':'contact','op':'delete','mailbox':'" + Seed.BEN + "','id':'" + id + "'}");

            List<JsonNode> items = awaitItems(webhook, 3);
            assertThat(items)
                    .extracting(item -> item.path("changeType").asText())
                    .containsExactlyInAnyOrder("created", "updated", "deleted");
            assertThat(items)
                    .allMatch(item -> item.at("/resourceData/id").asText().equals(id));
            assertThat(status(() -> asApp("Mail.Read")
                            .subscriptions()
                            .post(SdkOfTests.wanted(webhook, "/users/" + Seed.ADA + "/contacts", ALL_CHANGES))))
                    .isEqualTo(403);
        }
    }

    @Test
    void allFoldersOfAMailboxAreOneListAndTheirDeltaIsReadRoundByRound() {
        GraphServiceClient graph = asApp();
        var folders = graph.users().byUserId(Seed.ADA).mailFolders();
        MailFolder wanted = new MailFolder();
        wanted.setDisplayName("Orders");
        String orders =
                folders.byMailFolderId("inbox").childFolders().post(wanted).getId();
        var first = folders.delta().get(request -> request.headers.add("Prefer", "odata.maxpagesize=100"));
        assertThat(first.getValue())
                .extracting(MailFolder::getDisplayName)
                .contains("Inbox", "Orders", "Deleted Items")
                .doesNotContain("Deletions");
        activity("{'kind':'mail','mailbox':'" + Seed.ADA + "'}");
        var quiet = folders.delta().withUrl(first.getOdataDeltaLink()).get();
        assertThat(quiet.getValue()).as("mails are no change of the folder").isEmpty();

        folders.byMailFolderId(orders).delete();
        var moved = folders.delta().withUrl(quiet.getOdataDeltaLink()).get();
        assertThat(moved.getValue()).extracting(MailFolder::getId).containsExactly(orders);
        assertThat(moved.getValue().get(0).getAdditionalData()).doesNotContainKey("@removed");
        folders.byMailFolderId(orders).delete();
        var gone = folders.delta().withUrl(moved.getOdataDeltaLink()).get();
        assertThat(gone.getValue()).extracting(MailFolder::getId).containsExactly(orders);
        assertThat(gone.getValue().get(0).getAdditionalData()).containsKey("@removed");
    }

    @Test
    void aWholeMailboxIsSubscribedToAndAMoveIsToldFromBothFolders() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            GraphServiceClient graph = asApp();
            Subscription wanted = SdkOfTests.wanted(webhook, "/users/" + Seed.ADA + "/messages", ALL_CHANGES);
            graph.subscriptions().post(wanted, request -> request.headers.add("Prefer", IMMUTABLE));

            String id = activity("{'kind':'mail','mailbox':'" + Seed.ADA + "'}")
                    .path("immutableId")
                    .asText();
            activity("{'kind':'mail','op':'move','mailbox':'" + Seed.ADA + "','id':'" + id + "'}");

            List<JsonNode> items = awaitItems(webhook, 3);
            assertThat(items)
                    .extracting(item -> item.path("changeType").asText())
                    .containsExactlyInAnyOrder("created", "deleted", "created");
            assertThat(items)
                    .allMatch(item -> item.at("/resourceData/id").asText().equals(id));
        }
    }

    @Test
    void aCalendarsViewIsFollowedByItsDelta() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            GraphServiceClient graph = asApp();
            graph.subscriptions().post(SdkOfTests.wanted(webhook, "/users/" + Seed.CLARA + "/events", ALL_CHANGES));
            String id = activity("{'kind':'event','mailbox':'" + Seed.CLARA + "','subject':'Review'}")
                    .path("id")
                    .asText();
            var delta = graph.users().byUserId(Seed.CLARA).calendarView().delta();
            var first = delta.get(request -> {
                request.queryParameters.startDateTime = Instant.now().toString();
                request.queryParameters.endDateTime =
                        Instant.now().plus(Duration.ofDays(30)).toString();
            });
            assertThat(first.getValue()).extracting(Event::getId).containsExactly(id);

            graph.users().byUserId(Seed.CLARA).events().byEventId(id).get();
            activity("{'kind':'event','op':'delete','mailbox':'" + Seed.CLARA + "','id':'" + id + "'}");
            var second = delta.withUrl(first.getOdataDeltaLink()).get();

            assertThat(second.getValue()).extracting(Event::getId).containsExactly(id);
            assertThat(second.getValue().get(0).getAdditionalData()).containsKey("@removed");
            assertThat(awaitItems(webhook, 2))
                    .extracting(item -> item.path("changeType").asText())
                    .containsExactlyInAnyOrder("created", "deleted");
        }
    }

    @Test
    void chatsOfAUserAreListedReadByTheTimeOfTheirLastChangeAndSubscribedTo() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            GraphServiceClient graph = asApp();
            graph.subscriptions()
                    .post(SdkOfTests.wanted(webhook, "/users/" + Seed.BEN_OID + "/chats/getAllMessages", ALL_CHANGES));
            activity("{'kind':'chatMessage','user':'" + Seed.ADA + "','content':'old'}");
            emulator.advance(Duration.ofMinutes(2));
            String id = activity("{'kind':'chatMessage','user':'" + Seed.ADA + "','content':'new'}")
                    .path("id")
                    .asText();

            var chats = graph.users().byUserId(Seed.BEN_OID).chats();
            assertThat(chats.get().getValue()).extracting(Chat::getId).contains(Seed.CHAT_ID);
            emulator.advance(Duration.ofSeconds(2));
            Instant minuteAgo = emulator.ask(state -> state.clock().instant()).minus(Duration.ofMinutes(1));
            assertThat(chats.byChatId(Seed.CHAT_ID)
                            .messages()
                            .get(request -> {
                                request.queryParameters.top = 50;
                                request.queryParameters.orderby = new String[] {"lastModifiedDateTime desc"};
                                request.queryParameters.filter = "lastModifiedDateTime gt " + minuteAgo;
                            })
                            .getValue())
                    .extracting(ChatMessage::getId)
                    .containsExactly(id);
            assertThat(awaitItems(webhook, 2))
                    .allMatch(item -> item.path("resource").asText().startsWith("chats('" + Seed.CHAT_ID + "')"));
        }
    }

    @Test
    void channelsOfATeamAreListedAndSubscribedTo() {
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            GraphServiceClient graph = asApp();
            graph.subscriptions().post(SdkOfTests.wanted(webhook, "/teams/" + Seed.TEAM_ID + "/channels", ALL_CHANGES));
            String id =
                    activity("{'kind':'channel','topic':'Risks'}").path("id").asText();
            emulator.advance(Duration.ofSeconds(2));

            Set<String> ids = new HashSet<>();
            graph.teams().byTeamId(Seed.TEAM_ID).channels().get().getValue().stream()
                    .map(Channel::getId)
                    .forEach(ids::add);
            assertThat(ids).containsExactlyInAnyOrder(Seed.GENERAL_ID, Seed.MILESTONES_ID, id);
            activity("{'kind':'channel','op':'delete','channel':'" + id + "'}");

            assertThat(awaitItems(webhook, 2))
                    .extracting(item -> item.path("changeType").asText())
                    .containsExactlyInAnyOrder("created", "deleted");
        }
    }

    private static ODataError refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        ODataError refused = catchThrowableOfType(ODataError.class, call);
        assertThat(refused.getResponseStatusCode()).isEqualTo(404);
        return refused;
    }

    @Test
    void folderOfContactsIsDeletedWithWhatIsInIt() {
        String folder = activity("{'kind':'contactFolder','mailbox':'" + Seed.BEN + "','name':'Suppliers'}")
                .path("id")
                .asText();
        String id = activity("{'kind':'contact','mailbox':'" + Seed.BEN + "','folder':'Suppliers'}")
                .path("id")
                .asText();
        var mailbox = asApp("Contacts.ReadWrite").users().byUserId(Seed.BEN);
        var suppliers = mailbox.contactFolders().byContactFolderId(folder);

        suppliers.delete();

        assertThat(refusal(suppliers::get).getError().getCode()).isEqualTo("ErrorFolderNotFound");
        assertThat(refusal(() -> suppliers.contacts().delta().get()).getError().getCode())
                .isEqualTo("ErrorFolderNotFound");
        refusal(() -> mailbox.contacts().byContactId(id).get());
        assertThat(mailbox.contactFolders().get().getValue()).isEmpty();
    }

    @Test
    void channelThatIsDeletedIsNotFoundUntilItIsRestoredUnderTheSameId() {
        GraphServiceClient graph = asApp("Channel.Delete.All", "Channel.ReadBasic.All", "ChannelMessage.Read.All");
        String id = activity("{'kind':'channel','topic':'Risks'}").path("id").asText();
        String message = activity("{'kind':'channelMessage','channel':'Risks','content':'first'}")
                .path("id")
                .asText();
        var channel = graph.teams().byTeamId(Seed.TEAM_ID).channels().byChannelId(id);
        emulator.advance(Duration.ofSeconds(2));
        channel.delete();

        emulator.advance(Duration.ofSeconds(2));
        assertThat(refusal(channel::get).getError().getCode()).isEqualTo("NotFound");
        emulator.advance(Duration.ofSeconds(2));
        refusal(() -> channel.messages().delta().get());

        activity("{'kind':'channel','op':'restore','channel':'" + id + "'}");
        emulator.advance(Duration.ofSeconds(2));
        assertThat(channel.messages().delta().get().getValue())
                .extracting(ChatMessage::getId)
                .containsExactly(message);
    }

    @Test
    void teamThatIsDeletedIsNotFoundUntilItIsRestored() {
        var team = asApp("Team.ReadBasic.All", "Channel.ReadBasic.All").teams().byTeamId(Seed.TEAM_ID);
        activity("{'kind':'team','op':'delete'}");

        assertThat(refusal(team::get).getError().getCode()).isEqualTo("NotFound");
        emulator.advance(Duration.ofSeconds(2));
        refusal(() -> team.channels().get());
        emulator.advance(Duration.ofSeconds(2));
        refusal(() -> team.channels().byChannelId(Seed.GENERAL_ID).get());

        activity("{'kind':'team','op':'restore'}");
        emulator.advance(Duration.ofSeconds(2));
        assertThat(team.get().getId()).isEqualTo(Seed.TEAM_ID);
    }
}
