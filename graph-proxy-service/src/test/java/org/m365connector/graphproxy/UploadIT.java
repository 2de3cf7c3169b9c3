package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.graph.core.models.UploadResult;
import com.microsoft.graph.core.tasks.LargeFileUploadTask;
import com.microsoft.graph.drives.item.items.item.createuploadsession.CreateUploadSessionPostRequestBody;
import com.microsoft.graph.models.AttachmentItem;
import com.microsoft.graph.models.AttachmentType;
import com.microsoft.graph.models.DriveItem;
import com.microsoft.graph.models.FileAttachment;
import com.microsoft.graph.models.Message;
import com.microsoft.graph.models.UploadSession;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.kiota.authentication.AccessTokenProvider;
import com.microsoft.kiota.authentication.AllowedHostsValidator;
import com.microsoft.kiota.authentication.BaseBearerTokenAuthenticationProvider;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.emulator.Seed;
import org.m365connector.events.Narrowing;
import org.m365connector.view.Views;

/** Large files by Microsoft's own client: the session is made through the proxy, the bytes go past it. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class UploadIT {

    private static final int SLICE = 320 * 1024;

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;
    private GraphServiceClient ben;

    @BeforeEach
    void onboard() throws Exception {
        world.emulator().reset();
        portal = TestPortal.with(world, views, world.emulatorBase())
                .assign("BEN", "current-user*")
                .token("user:BEN", new EntraLogin(world.emulatorBase()).of(Seed.BEN));
        ben = client("BEN");
    }

    @Test
    void microsoftsClientUploadsAFileInSlices() throws Exception {
        byte[] file = bytes(2 * SLICE + 1_000);
        String drive = ben.me().drive().get().getId();
        UploadSession session = ben.drives()
                .byDriveId(drive)
                .items()
                .byDriveItemId("root:/reports/2026 Q4.bin:")
                .createUploadSession()
                .post(new CreateUploadSessionPostRequestBody());

        UploadResult<DriveItem> result = new LargeFileUploadTask<>(
                        ben.getRequestAdapter(),
                        session,
                        new ByteArrayInputStream(file),
                        file.length,
                        SLICE,
                        DriveItem::createFromDiscriminatorValue)
                .upload();

        // The emulator refuses whoever shows a token there.
        assertThat(result.isUploadSuccessful()).isTrue();
        assertThat(result.itemResponse.getName()).isEqualTo("2026 Q4.bin");
        assertThat(session.getUploadUrl()).doesNotStartWith(world.proxyBase()).doesNotContain("localhost");
        assertThat(requests("upload")).hasSize(3);
        assertThat(requests("graph"))
                .anyMatch(path -> path.endsWith("root%3A%2Freports%2F2026%20Q4.bin%3A/createUploadSession"));
        HttpResponse<String> content = world.client()
                .send(
                        portal.request("BEN", "/v1.0/me/drive/root:/reports/2026%20Q4.bin:/content")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(content.statusCode()).isEqualTo(302);
        assertThat(world.client()
                        .send(
                                HttpRequest.newBuilder(URI.create(content.headers()
                                                .firstValue("Location")
                                                .orElseThrow()))
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray())
                        .body())
                .isEqualTo(file);
    }

    @Test
    void microsoftsClientAttachesALargeFile() throws Exception {
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

        UploadResult<FileAttachment> result = new LargeFileUploadTask<>(
                        ben.getRequestAdapter(),
                        ben.me()
                                .messages()
                                .byMessageId(id)
                                .attachments()
                                .createUploadSession()
                                .post(body),
                        new ByteArrayInputStream(file),
                        file.length,
                        4 * 1024 * 1024,
                        FileAttachment::createFromDiscriminatorValue)
                .upload();

        assertThat(result.isUploadSuccessful()).isTrue();
        assertThat(ben.me().messages().byMessageId(id).attachments().get().getValue())
                .singleElement()
                .isInstanceOfSatisfying(FileAttachment.class, attached -> assertThat(attached.getContentBytes())
                        .isEqualTo(file));
    }

    @Test
    void filesPathInOneSegmentIsNarrowedLikeOneInSeveral() throws Exception {
        String drive = ben.me().drive().get().getId();
        portal.assign(
                "BEN",
                "current-user",
                new Narrowing(
                        Optional.of(List.of(new Narrowing.Operation("POST", "/drives/{id}/items/root:/public/**"))),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));

        assertThat(create("/v1.0/drives/" + drive + "/items/root:/public/x:/createUploadSession"))
                .isEqualTo(200);
        assertThat(create("/v1.0/drives/" + drive + "/items/root%3A%2Fpublic%2Fx%3A/createUploadSession"))
                .isEqualTo(200);
        assertThat(create("/v1.0/drives/" + drive + "/items/root:/private/x:/createUploadSession"))
                .isEqualTo(403);
        assertThat(create("/v1.0/drives/" + drive + "/items/root%3A%2Fprivate%2Fx%3A/createUploadSession"))
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1.0/me/drive/items/root%3A%2Fpublic%2F..%2Fprivate%3A/content",
                "/v1.0/me/drive/items/root%3A%2Fx%3A%2Fpermissions/content",
                "/v1.0/me%2Fmessages",
                "/v1.0/users/root%3A%2Fx%3A/messages",
            })
    void otherEncodedSlashesDoNotReachGraph(String target) throws Exception {
        assertThat(create(target)).isEqualTo(400);
        assertThat(requests("graph")).isEmpty();
    }

    private int create(String target) throws Exception {
        return world.client()
                .send(
                        portal.request("BEN", target)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** Paths of what the emulator was asked. */
    private List<String> requests(String kind) throws Exception {
        String log = world.client()
                .send(
                        HttpRequest.newBuilder(URI.create(world.emulatorBase() + "/_emulator/requests"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        JsonArray requests = new JsonObject(log).getJsonArray("requests");
        return requests.stream()
                .map(JsonObject.class::cast)
                .filter(request -> request.getString("kind").equals(kind))
                .map(request -> request.getString("path"))
                .toList();
    }

    /** Shows the portal's key to the proxy, and to nobody else. */
    private GraphServiceClient client(String portalUser) {
        AllowedHostsValidator proxy = new AllowedHostsValidator("localhost");
        GraphServiceClient client =
                new GraphServiceClient(new BaseBearerTokenAuthenticationProvider(new AccessTokenProvider() {
                    @Override
                    public String getAuthorizationToken(URI uri, Map<String, Object> context) {
                        return proxy.isUrlHostValid(uri) ? portal.key() : "";
                    }

                    @Override
                    public AllowedHostsValidator getAllowedHostsValidator() {
                        return proxy;
                    }
                }));
        client.getRequestAdapter().setBaseUrl(world.proxyBase() + portal.path("/as/" + portalUser + "/v1.0"));
        return client;
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
