package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.inject.Inject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.view.Views;

/** Parts of what somebody stored (RFC 9110, 14): what is put together of them must be the file, byte by byte. */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class RangeIT {

    private static final String ETAG = "\"{A1B2},3\"";
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;
    private String target;
    private byte[] file;
    private String type = "application/octet-stream";

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, world.upstreamBase())
                .assign("ADA", "current-user*")
                .token("user:ADA", "token-of-ada");
        target = "/v1.0/me/drive/items/" + UUID.randomUUID() + "/content";
        file = new byte[300_000];
        new Random(5).nextBytes(file);
    }

    @Test
    void partsPassByteByByteAndAreTheFile() throws Exception {
        world.upstream().on(target, this::fileOrPart);
        byte[] together = new byte[file.length];

        for (int from = 0; from < file.length; from += 70_001) {
            int to = Math.min(file.length, from + 70_001) - 1;
            HttpResponse<byte[]> part = send(portal.request("ADA", target).header("Range", "bytes=" + from + "-" + to));

            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.headers().firstValue("Content-Range"))
                    .hasValue("bytes " + from + "-" + to + "/" + file.length);
            assertThat(part.headers().firstValue("Content-Length")).hasValue(String.valueOf(to - from + 1));
            assertThat(part.headers().firstValue("Accept-Ranges")).hasValue("bytes");
            assertThat(part.headers().firstValue("ETag")).hasValue(ETAG);
            System.arraycopy(part.body(), 0, together, from, part.body().length);
        }

        assertThat(together).isEqualTo(file);
    }

    /** With its links rewritten it would have another length than it says, and would not fit to the other parts. */
    @Test
    void partOfStoredJsonIsNotTouched() throws Exception {
        file = ("{\"@odata.nextLink\":\"" + world.upstreamBase() + "/v1.0/x\"}").getBytes(StandardCharsets.UTF_8);
        type = "application/json";
        for (String path : new String[] {target, target + "Stream"}) {
            world.upstream().on(path, this::fileOrPart);

            HttpResponse<byte[]> part =
                    send(portal.request("ADA", path).header("Range", "bytes=0-" + (file.length - 1)));

            assertThat(part.statusCode()).isEqualTo(206);
            assertThat(part.headers().firstValue("Content-Length")).hasValue(String.valueOf(file.length));
            assertThat(new String(part.body(), StandardCharsets.UTF_8))
                    .as(path)
                    .isEqualTo(new String(file, StandardCharsets.UTF_8));
        }
    }

    @Test
    void partOfAFileThatHasChangedIsTheWholeFile() throws Exception {
        world.upstream().on(target, this::fileOrPart);

        HttpResponse<byte[]> same =
                send(portal.request("ADA", target).header("Range", "bytes=5-9").header("If-Range", ETAG));
        HttpResponse<byte[]> changed =
                send(portal.request("ADA", target).header("Range", "bytes=5-9").header("If-Range", "\"before\""));

        assertThat(same.statusCode()).isEqualTo(206);
        assertThat(same.body()).isEqualTo(Arrays.copyOfRange(file, 5, 10));
        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.headers().firstValue("Content-Range")).isEmpty();
        assertThat(changed.body()).isEqualTo(file);
        assertThat(world.upstream().seen(target))
                .extracting(seen -> seen.header("Range"), seen -> seen.header("If-Range"))
                .containsExactly(tuple("bytes=5-9", ETAG), tuple("bytes=5-9", "\"before\""));
    }

    @Test
    void partBeyondTheEndIsRefusedInGraphsWords() throws Exception {
        world.upstream().on(target, this::fileOrPart);

        HttpResponse<byte[]> answer = send(portal.request("ADA", target).header("Range", "bytes=300000-300009"));

        assertThat(answer.statusCode()).isEqualTo(416);
        assertThat(answer.headers().firstValue("Content-Range")).hasValue("bytes */300000");
        assertThat(answer.headers().firstValue("X-M365-Problem")).isEmpty();
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"error\":{\"code\":\"invalidRange\"}}");
    }

    @Test
    void severalPartsAtOncePass() throws Exception {
        String parts = """
                --sep
                Content-Type: application/json
                Content-Range: bytes 0-1/9

                {"
                --sep
                Content-Type: application/json
                Content-Range: bytes 7-8/9

                "}
                --sep--
                """.replace("\n", "\r\n");
        world.upstream().on(target, request -> request.response()
                .setStatusCode(206)
                .putHeader("Content-Type", "multipart/byteranges; boundary=sep")
                .end(parts));

        HttpResponse<byte[]> answer = send(portal.request("ADA", target).header("Range", "bytes=0-1,7-8"));

        assertThat(answer.statusCode()).isEqualTo(206);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("multipart/byteranges; boundary=sep");
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(parts);
        assertThat(world.upstream().seen(target).get(0).header("Range")).isEqualTo("bytes=0-1,7-8");
    }

    private void fileOrPart(HttpServerRequest request) {
        HttpServerResponse response = request.response()
                .putHeader("Content-Type", type)
                .putHeader("Accept-Ranges", "bytes")
                .putHeader("ETag", ETAG);
        String unchanged = request.getHeader("If-Range");
        Matcher range = RANGE.matcher(String.valueOf(request.getHeader("Range")));
        if (!range.matches() || (unchanged != null && !unchanged.equals(ETAG))) {
            response.end(Buffer.buffer(file));
            return;
        }
        int from = Integer.parseInt(range.group(1));
        int to = Integer.parseInt(range.group(2));
        if (from >= file.length) {
            response.setStatusCode(416)
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Content-Range", "bytes */" + file.length)
                    .end("{\"error\":{\"code\":\"invalidRange\"}}");
            return;
        }
        response.setStatusCode(206)
                .putHeader("Content-Range", "bytes " + from + "-" + to + "/" + file.length)
                .end(Buffer.buffer(Arrays.copyOfRange(file, from, to + 1)));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return world.client().send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
}
