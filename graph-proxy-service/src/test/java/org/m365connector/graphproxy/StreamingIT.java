package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.internal.PlatformDependent;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.inject.Inject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.view.Views;

/**
 * 100 MB each way. Whoever reads slowly slows the sender down; what is under way stays small, in the sockets' buffers and in
 * memory.
 */
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
class StreamingIT {

    private static final long MIB = 1024 * 1024;
    private static final long SIZE = 100 * MIB;

    /** Four socket buffers of loopback take up to 6 MiB each. */
    private static final long UNDER_WAY_AT_MOST = 32 * MIB;

    private static final long MEMORY_AT_MOST = 16 * MIB;
    private static final Buffer PIECE = Buffer.buffer("{\"@odata.etag\":\"x\",\"mail\":\"ada@contoso.example\"},"
            .repeat(1400)
            .substring(0, 64 * 1024));

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;
    private String target;

    @BeforeEach
    void onboard() {
        portal = TestPortal.with(world, views, world.upstreamBase())
                .assign("ADA", "current-user*")
                .token("user:ADA", "token-of-ada");
        target = "/v1.0/me/" + UUID.randomUUID();
    }

    @Test
    void binaryDownloadFlowsInConstantMemory() throws Exception {
        downloads("application/octet-stream");
    }

    @Test
    void jsonWhoseLinksAreRewrittenFlowsInConstantMemory() throws Exception {
        downloads("application/json");
    }

    private void downloads(String type) throws IOException {
        AtomicLong sent = new AtomicLong();
        world.upstream().on(target, request -> {
            HttpServerResponse response = request.response();
            response.putHeader("Content-Type", type).putHeader("Content-Length", String.valueOf(SIZE));
            pump(response, sent);
        });
        try (Socket socket = open("GET", "Connection: close\r\n")) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            in.readNBytes(1024);
            long before = memory();
            awaitStandstill(sent);

            assertThat(sent.get()).as("sent to a caller who does not read").isLessThan(UNDER_WAY_AT_MOST);
            assertThat(memory() - before).as("memory").isLessThan(MEMORY_AT_MOST);

            long rest = 0;
            byte[] piece = new byte[256 * 1024];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                rest += read;
            }
            assertThat(sent.get()).isEqualTo(SIZE);
            // Chunks and headers come on top.
            assertThat(rest + 1024).isBetween(SIZE, SIZE + MIB);
            assertThat(memory() - before).as("memory").isLessThan(MEMORY_AT_MOST);
        }
    }

    @Test
    void uploadFlowsInConstantMemory() throws Exception {
        AtomicLong received = new AtomicLong();
        AtomicReference<HttpServerRequest> graph = new AtomicReference<>();
        world.upstream().on(target, request -> {
            request.pause();
            request.handler(piece -> received.addAndGet(piece.length()));
            request.endHandler(end -> request.response().setStatusCode(201).end("stored"));
            graph.set(request);
        });
        AtomicLong sent = new AtomicLong();
        try (Socket socket = open("PUT", "Connection: close\r\nContent-Length: " + SIZE + "\r\n")) {
            Thread writer = new Thread(() -> upload(socket, sent), "upload");
            writer.start();
            await().atMost(Duration.ofMinutes(3)).until(() -> graph.get() != null);
            long before = memory();
            awaitStandstill(sent);

            assertThat(sent.get()).as("sent to a Graph that does not read").isLessThan(UNDER_WAY_AT_MOST);
            assertThat(memory() - before).as("memory").isLessThan(MEMORY_AT_MOST);

            graph.get().resume();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 201 ").endsWith("stored");
            assertThat(received.get()).isEqualTo(SIZE);
            assertThat(memory() - before).as("memory").isLessThan(MEMORY_AT_MOST);
        }
    }

    private static void pump(HttpServerResponse response, AtomicLong sent) {
        while (sent.get() < SIZE) {
            if (response.writeQueueFull()) {
                response.drainHandler(drained -> pump(response, sent));
                return;
            }
            response.write(PIECE);
            sent.addAndGet(PIECE.length());
        }
        response.end();
    }

    private static void upload(Socket socket, AtomicLong sent) {
        byte[] piece = new byte[64 * 1024];
        try {
            OutputStream out = socket.getOutputStream();
            while (sent.get() < SIZE) {
                out.write(piece);
                sent.addAndGet(piece.length);
            }
            out.flush();
        } catch (IOException e) {
            throw new IllegalStateException("upload broke after " + sent.get(), e);
        }
    }

    private Socket open(String method, String headers) throws IOException {
        Socket socket = new Socket("localhost", world.proxyPort());
        socket.setSoTimeout(60_000);
        String head = method + " " + portal.path(target) + " HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + portal.key()
                + "\r\nX-Portal-User: ADA\r\n" + headers + "\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    private static void awaitStandstill(AtomicLong counter) {
        AtomicLong last = new AtomicLong(-1);
        await().atMost(Duration.ofMinutes(3))
                .pollDelay(Duration.ofMillis(300))
                .pollInterval(Duration.ofMillis(700))
                .until(() -> last.getAndSet(counter.get()) == counter.get() && counter.get() > 0);
    }

    /** Live heap and Netty's direct memory of proxy, Graph and test together: the least of three, for others work here as well. */
    private static long memory() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
                            + Math.max(0, PlatformDependent.usedDirectMemory()));
        }
        return least;
    }
}
