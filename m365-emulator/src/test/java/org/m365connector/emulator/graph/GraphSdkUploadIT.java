package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.graph.core.models.UploadResult;
import com.microsoft.graph.core.tasks.LargeFileUploadTask;
import com.microsoft.graph.drives.item.items.item.DriveItemItemRequestBuilder;
import com.microsoft.graph.drives.item.items.item.createuploadsession.CreateUploadSessionPostRequestBody;
import com.microsoft.graph.drives.item.items.item.delta.DeltaGetResponse;
import com.microsoft.graph.models.AttachmentItem;
import com.microsoft.graph.models.AttachmentType;
import com.microsoft.graph.models.DriveItem;
import com.microsoft.graph.models.DriveItemUploadableProperties;
import com.microsoft.graph.models.FileAttachment;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.UploadSession;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.kiota.authentication.AccessTokenProvider;
import com.microsoft.kiota.authentication.AllowedHostsValidator;
import com.microsoft.kiota.authentication.BaseBearerTokenAuthenticationProvider;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;

/** Large files as Microsoft's own client uploads them, in the words of its documentation. */
class GraphSdkUploadIT {

    private static Emulator emulator;
    private static GraphServiceClient ben;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        String token = new GraphClientOfTests(emulator).tokenOf(Seed.BEN, Set.of("Files.ReadWrite", "Mail.ReadWrite"));
        AllowedHostsValidator hosts = new AllowedHostsValidator("localhost");
        ben = new GraphServiceClient(new BaseBearerTokenAuthenticationProvider(new AccessTokenProvider() {
            @Override
            public String getAuthorizationToken(URI uri, Map<String, Object> context) {
                return hosts.isUrlHostValid(uri) ? token : "";
            }

            @Override
            public AllowedHostsValidator getAllowedHostsValidator() {
                return hosts;
            }
        }));
        ben.getRequestAdapter().setBaseUrl(emulator.httpBase() + "/v1.0");
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @Test
    void fileGoesToTheDriveInSlices() throws Exception {
        byte[] file = bytes(2 * 320 * 1024 + 1_000);
        String drive = ben.me().drive().get().getId();
        DriveItemUploadableProperties properties = new DriveItemUploadableProperties();
        properties.setAdditionalData(Map.of("@microsoft.graph.conflictBehavior", "replace"));
        CreateUploadSessionPostRequestBody body = new CreateUploadSessionPostRequestBody();
        body.setItem(properties);
        UploadSession session = ben.drives()
                .byDriveId(drive)
                .items()
                .byDriveItemId("root:/reports/2026 Q4.bin:")
                .createUploadSession()
                .post(body);
        List<Long> progress = new ArrayList<>();

        UploadResult<DriveItem> result = new LargeFileUploadTask<>(
                        ben.getRequestAdapter(),
                        session,
                        new ByteArrayInputStream(file),
                        file.length,
                        320 * 1024,
                        DriveItem::createFromDiscriminatorValue)
                .upload(3, (done, all) -> progress.add(done));

        assertThat(result.isUploadSuccessful()).isTrue();
        assertThat(result.itemResponse.getName()).isEqualTo("2026 Q4.bin");
        assertThat(result.itemResponse.getSize()).isEqualTo(file.length);
        assertThat(progress).hasSize(3);
        assertThat(ben.drives()
                        .byDriveId(drive)
                        .items()
                        .byDriveItemId(result.itemResponse.getId())
                        .content()
                        .get()
                        .readAllBytes())
                .isEqualTo(file);
    }

    @Test
    void uploadedFileIsAChangeLikeAnyOther() throws Exception {
        String drive = ben.me().drive().get().getId();
        DriveItemItemRequestBuilder root = ben.drives().byDriveId(drive).items().byDriveItemId("root");
        DriveItemItemRequestBuilder file =
                ben.drives().byDriveId(drive).items().byDriveItemId("root:/changes/notes.bin:");
        String before = root.delta().get().getOdataDeltaLink();
        try (WebhookOfTests webhook = new WebhookOfTests()) {
            SdkOfTests.client(emulator, new GraphClientOfTests(emulator).appToken(Set.of("Files.ReadWrite.All")))
                    .subscriptions()
                    .post(SdkOfTests.wanted(webhook, "/drives/" + drive + "/root", "updated"));

            UploadSession session = file.createUploadSession().post(new CreateUploadSessionPostRequestBody());
            UploadResult<DriveItem> made = new LargeFileUploadTask<>(
                            ben.getRequestAdapter(),
                            session,
                            new ByteArrayInputStream(bytes(10)),
                            10,
                            DriveItem::createFromDiscriminatorValue)
                    .upload();
            DeltaGetResponse first = root.delta().withUrl(before).get();
            file.content().put(new ByteArrayInputStream(bytes(20)));
            DeltaGetResponse second =
                    root.delta().withUrl(first.getOdataDeltaLink()).get();

            assertThat(first.getValue()).extracting(DriveItem::getName).contains("changes", "notes.bin");
            assertThat(second.getValue())
                    .filteredOn(item -> item.getFile() != null)
                    .singleElement()
                    .satisfies(item -> {
                        assertThat(item.getId()).isEqualTo(made.itemResponse.getId());
                        assertThat(item.getETag()).isNotEqualTo(made.itemResponse.getETag());
                        assertThat(item.getSize()).isEqualTo(20);
                    });
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> webhook.items("/notifications").size() == 3);
        }
    }

    @Test
    void sessionIsGivenUp() throws Exception {
        String drive = ben.me().drive().get().getId();
        UploadSession session = ben.drives()
                .byDriveId(drive)
                .items()
                .byDriveItemId("root:/given-up.bin:")
                .createUploadSession()
                .post(new CreateUploadSessionPostRequestBody());
        LargeFileUploadTask<DriveItem> task = new LargeFileUploadTask<>(
                ben.getRequestAdapter(),
                session,
                new ByteArrayInputStream(bytes(10)),
                10,
                DriveItem::createFromDiscriminatorValue);

        assertThat(task.updateSessionStatus().getNextExpectedRanges()).containsExactly("0-");
        task.deleteSession();

        GraphClientOfTests plain = new GraphClientOfTests(emulator);
        assertThat(plain.get("", session.getUploadUrl()).status()).isEqualTo(404);
    }

    /**
     * In one slice: of several, Outlook's answer to the first one, whose members begin with capitals, is taken for the end by
     * this client.
     */
    @Test
    void attachmentGoesToTheMail() throws Exception {
        byte[] file = bytes(3_200_000);
        Message draft = new Message();
        draft.setSubject("pictures");
        String id = ben.me().messages().post(draft).getId();
        AttachmentItem item = new AttachmentItem();
        item.setAttachmentType(AttachmentType.File);
        item.setName("flower");
        item.setSize((long) file.length);
        var body = new com.microsoft.graph.users.item.messages.item.attachments.createuploadsession
                .CreateUploadSessionPostRequestBody();
        body.setAttachmentItem(item);
        UploadSession session = ben.me()
                .messages()
                .byMessageId(id)
                .attachments()
                .createUploadSession()
                .post(body);

        UploadResult<FileAttachment> result = new LargeFileUploadTask<>(
                        ben.getRequestAdapter(),
                        session,
                        new ByteArrayInputStream(file),
                        file.length,
                        4 * 1024 * 1024,
                        FileAttachment::createFromDiscriminatorValue)
                .upload();

        assertThat(result.isUploadSuccessful()).isTrue();
        assertThat(result.location).asString().contains("/attachments('");
        assertThat(ben.me().messages().byMessageId(id).attachments().get().getValue())
                .singleElement()
                .isInstanceOfSatisfying(FileAttachment.class, attached -> assertThat(attached.getContentBytes())
                        .isEqualTo(file));
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
