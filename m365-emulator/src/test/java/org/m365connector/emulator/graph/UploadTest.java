package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;

/** Upload sessions of OneDrive and of Outlook, as Microsoft's pages describe them. */
class UploadTest {

    private static final int PIECE = 320 * 1024;
    private static final String SESSION = "/me/drive/root:/reports/2026%20Q4.bin:/createUploadSession";

    private static Emulator emulator;
    private static GraphClientOfTests graph;

    private final HttpClient http = HttpClient.newHttpClient();
    private String ben;

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
        ben = graph.tokenOf(Seed.BEN, Set.of("Files.ReadWrite", "Mail.ReadWrite"));
    }

    @Test
    void fileGrowsPieceByPieceAndIsThereAtTheEnd() throws Exception {
        byte[] file = bytes(PIECE + 1_000);
        JsonNode session = graph.post(ben, SESSION, "{}").json();
        String url = session.path("uploadUrl").asText();

        HttpResponse<String> first = put(url, file, 0, PIECE);
        HttpResponse<String> asked = send(HttpRequest.newBuilder(URI.create(url)));
        HttpResponse<String> last = put(url, file, PIECE, file.length);

        assertThat(session.path("nextExpectedRanges").get(0).asText()).isEqualTo("0-");
        assertThat(session.path("expirationDateTime").asText()).endsWith("Z");
        assertThat(url).as("not Graph's host").doesNotContain("localhost");
        assertThat(first.statusCode()).isEqualTo(202);
        assertThat(json(first).path("nextExpectedRanges").get(0).asText()).isEqualTo(PIECE + "-");
        assertThat(asked.statusCode()).isEqualTo(200);
        assertThat(json(asked)).isEqualTo(json(first));
        assertThat(last.statusCode()).isEqualTo(201);
        assertThat(json(last).path("size").asInt()).isEqualTo(file.length);
        assertThat(json(last).path("parentReference").path("path").asText()).isEqualTo("/drive/root:/reports");
        assertThat(downloaded("/me/drive/root:/reports/2026%20Q4.bin:/content")).isEqualTo(file);
        assertThat(send(HttpRequest.newBuilder(URI.create(url))).statusCode()).isEqualTo(404);
    }

    @Test
    void itemIsTheSameByWhicheverAddress() throws Exception {
        graph.call("PUT", ben, "/me/drive/root:/a/b.txt:/content", "text");
        String drive = graph.get(ben, "/me/drive").id();

        Answer byPath = graph.get(ben, "/me/drive/root:/a/b.txt");
        Answer encoded = graph.get(ben, "/drives/" + drive + "/items/root%3A%2Fa%2Fb.txt%3A");
        Answer fromFolder = graph.get(
                ben,
                "/drives/" + drive + "/items/"
                        + graph.get(ben, "/me/drive/root:/a").id() + ":/b.txt");
        Answer byId = graph.get(ben, "/me/drive/items/" + byPath.id());

        assertThat(byPath.status()).isEqualTo(200);
        assertThat(encoded.id()).isEqualTo(byPath.id());
        assertThat(fromFolder.id()).isEqualTo(byPath.id());
        assertThat(byId.id()).isEqualTo(byPath.id());
        assertThat(graph.get(ben, "/me/drive/root:/a:/children")
                        .json()
                        .path("value")
                        .size())
                .isEqualTo(1);
        assertThat(graph.delete(ben, "/me/drive/root:/a").status()).isEqualTo(204);
        assertThat(graph.get(ben, "/me/drive/items/" + byPath.id()).errorCode()).isEqualTo("itemNotFound");
    }

    @Test
    void rangesThatDoNotFitAreRefusedAndTheSessionGoesOn() throws Exception {
        byte[] file = bytes(2 * PIECE);
        String url = open("{}");

        assertThat(put(url, file, PIECE, 2 * PIECE).statusCode()).isEqualTo(416);
        assertThat(put(url, file, 0, 1_000).statusCode()).isEqualTo(400);
        assertThat(put(url, file, 0, PIECE).statusCode()).isEqualTo(202);
        HttpResponse<String> again = put(url, file, 0, PIECE);
        HttpResponse<String> unsaid = send(HttpRequest.newBuilder(URI.create(url))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(file, PIECE, PIECE)));

        assertThat(again.statusCode()).isEqualTo(416);
        assertThat(json(again).path("error").path("code").asText()).isEqualTo("invalidRange");
        assertThat(unsaid.statusCode()).isEqualTo(400);
        assertThat(put(url, file, PIECE, 2 * PIECE).statusCode()).isEqualTo(201);
    }

    @Test
    void addressIsGoodWithoutATokenAndOnlyWithout() throws Exception {
        byte[] file = bytes(10);
        String url = open("{}");

        HttpResponse<String> withToken = send(HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + ben)
                .header("Content-Range", "bytes 0-9/10")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(file)));

        assertThat(withToken.statusCode()).isEqualTo(401);
        assertThat(put(url.replaceFirst(".$", "_"), file, 0, 10).statusCode()).isEqualTo(404);
        assertThat(put(url, file, 0, 10).statusCode()).isEqualTo(201);
    }

    @Test
    void sessionThatIsCancelledOrTooOldIsGone() throws Exception {
        byte[] file = bytes(10);
        String cancelled = open("{}");
        String old = open("{}");

        assertThat(send(HttpRequest.newBuilder(URI.create(cancelled)).DELETE()).statusCode())
                .isEqualTo(204);
        assertThat(put(cancelled, file, 0, 10).statusCode()).isEqualTo(404);
        emulator.advance(Duration.ofDays(2));
        assertThat(put(old, file, 0, 10).statusCode()).isEqualTo(404);
    }

    @Test
    void nameThatIsTakenIsTreatedAsTheClientWants() throws Exception {
        byte[] file = bytes(10);
        put(open("{}"), file, 0, 10);
        String failing = open("{}");

        HttpResponse<String> taken = put(failing, file, 0, 10);
        HttpResponse<String> replaced = put(open(conflict("replace")), file, 0, 10);
        HttpResponse<String> renamed = put(open(conflict("rename")), file, 0, 10);

        assertThat(taken.statusCode()).isEqualTo(409);
        assertThat(json(taken).path("error").path("code").asText()).isEqualTo("nameAlreadyExists");
        assertThat(replaced.statusCode()).isEqualTo(200);
        assertThat(renamed.statusCode()).isEqualTo(201);
        assertThat(json(renamed).path("name").asText()).isEqualTo("2026 Q4 1.bin");
    }

    @Test
    void deferredUploadIsCommittedByAnEmptyPost() throws Exception {
        byte[] file = bytes(10);
        String url = open("{\"deferCommit\":true}");

        HttpResponse<String> early =
                send(HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.noBody()));
        HttpResponse<String> last = put(url, file, 0, 10);
        HttpResponse<String> committed =
                send(HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.noBody()));

        assertThat(early.statusCode()).isEqualTo(400);
        assertThat(last.statusCode()).isEqualTo(202);
        assertThat(committed.statusCode()).isEqualTo(201);
    }

    @Test
    void sessionNeedsThePermissionAndTheOwnDrive() {
        String reader = graph.tokenOf(Seed.BEN, Set.of("Files.Read"));
        String ada = graph.tokenOf(Seed.ADA, Set.of("Files.ReadWrite"));
        String drive = graph.get(ben, "/me/drive").id();

        assertThat(graph.post(reader, SESSION, "{}").errorCode()).isEqualTo("accessDenied");
        assertThat(graph.post(ada, "/drives/" + drive + "/items/root:/x:/createUploadSession", "{}")
                        .status())
                .isEqualTo(403);
        assertThat(graph.post(
                                graph.appToken(Set.of("Sites.ReadWrite.All")),
                                "/drives/" + drive + "/items/root:/x:/createUploadSession",
                                "{}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void attachmentSpeaksOutlooksDialect() throws Exception {
        byte[] file = bytes(3_200_000);
        String draft =
                graph.post(ben, "/me/messages", "{\"subject\":\"pictures\"}").id();
        String attachments = "/me/messages/" + draft + "/attachments";
        Answer session = graph.post(ben, attachments + "/createUploadSession", attachment(file.length));
        String url = session.json().path("uploadUrl").asText();

        HttpResponse<String> first = put(url, file, 0, 2_000_000);
        HttpResponse<String> last = put(url, file, 2_000_000, file.length);

        assertThat(session.status()).isEqualTo(201);
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(json(first).path("NextExpectedRanges").get(0).asText()).isEqualTo("2000000");
        assertThat(json(first).path("ExpirationDateTime").asText()).isNotEmpty();
        assertThat(last.statusCode()).isEqualTo(201);
        assertThat(last.headers().firstValue("Location").orElseThrow()).contains("/attachments('");
        assertThat(last.body()).isEmpty();
        JsonNode listed = graph.get(ben, attachments).json().path("value").get(0);
        assertThat(listed.path("contentBytes").binaryValue()).isEqualTo(file);
        assertThat(graph.get(ben, "/me/messages/" + draft)
                        .json()
                        .path("hasAttachments")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void smallAttachmentNeedsNoSession() {
        String draft =
                graph.post(ben, "/me/messages", "{\"subject\":\"pictures\"}").id();

        Answer refused =
                graph.post(ben, "/me/messages/" + draft + "/attachments/createUploadSession", attachment(1_000_000));

        assertThat(refused.errorCode()).isEqualTo("ErrorAttachmentSizeShouldNotBeLessThanMinimumSize");
    }

    private static String attachment(int size) {
        return "{\"AttachmentItem\":{\"attachmentType\":\"file\",\"name\":\"flower\",\"size\":" + size + "}}";
    }

    private static String conflict(String behavior) {
        return "{\"item\":{\"@microsoft.graph.conflictBehavior\":\"" + behavior + "\"}}";
    }

    private String open(String body) {
        Answer session = graph.post(ben, SESSION, body);
        assertThat(session.status()).as(session.http().body()).isEqualTo(200);
        return session.json().path("uploadUrl").asText();
    }

    private byte[] downloaded(String path) throws Exception {
        String url = graph.get(ben, path).header("Location").orElseThrow();
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofByteArray())
                .body();
    }

    private HttpResponse<String> put(String url, byte[] file, int from, int to) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(url))
                .header("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + file.length)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(Arrays.copyOfRange(file, from, to))));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }
}
