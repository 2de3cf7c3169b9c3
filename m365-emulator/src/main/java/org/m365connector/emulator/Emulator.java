package org.m365connector.emulator;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.m365connector.emulator.http.EmulatorRouter;
import org.m365connector.emulator.http.Tls;

/**
 * A stand-in for Entra ID and Microsoft Graph on two ports of this machine. Both APIs are on both ports: Entra ID under
 * {@code /{tenant}/…}, Graph under {@code /v1.0} and {@code /beta}, the control door under {@code /_emulator}.
 */
public final class Emulator implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 30;
    private static final int HEADER_LIMIT = 64 * 1024;

    private final Vertx vertx;
    private final EmulatorState state;
    private final HttpServer http;
    private final HttpServer https;
    private final String caPem;

    private Emulator(Vertx vertx, EmulatorState state, HttpServer http, HttpServer https, String caPem) {
        this.vertx = vertx;
        this.state = state;
        this.http = http;
        this.https = https;
        this.caPem = caPem;
    }

    /** Starts an emulator with the seeded tenant. */
    public static Emulator start() {
        return start(EmulatorOptions.defaults());
    }

    /** @throws IllegalStateException if a port is taken */
    public static Emulator start(EmulatorOptions options) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        try {
            EmulatorState state = new EmulatorState(vertx, options);
            Tls tls = Tls.create(options.certificateHosts());
            Router router = EmulatorRouter.create(state);
            router.get("/_emulator/ca.pem").handler(ctx -> ctx.response()
                    .putHeader("Content-Type", "application/x-pem-file")
                    .end(tls.caPem()));
            HttpServer http = await(vertx.createHttpServer(serverOptions(options, options.httpPort()))
                    .requestHandler(router)
                    .listen());
            HttpServer https = await(vertx.createHttpServer(serverOptions(options, options.httpsPort())
                            .setSsl(true)
                            .setKeyCertOptions(tls.server()))
                    .requestHandler(router)
                    .listen());
            return new Emulator(vertx, state, http, https, tls.caPem());
        } catch (RuntimeException e) {
            await(vertx.close());
            throw e;
        }
    }

    private static HttpServerOptions serverOptions(EmulatorOptions options, int port) {
        return new HttpServerOptions()
                .setHost(options.host())
                .setPort(port)
                .setMaxHeaderSize(HEADER_LIMIT)
                .setMaxInitialLineLength(HEADER_LIMIT)
                .setMaxFormAttributeSize(HEADER_LIMIT);
    }

    /** For example {@code http://localhost:8090}, without a slash at its end. */
    public String httpBase() {
        return "http://localhost:" + http.actualPort();
    }

    /** As {@link #httpBase()}, over TLS with the certificate of {@link #caPem()}. */
    public String httpsBase() {
        return "https://localhost:" + https.actualPort();
    }

    /** The authority that signed the HTTPS certificate, in PEM. */
    public String caPem() {
        return caPem;
    }

    public EmulatorClock clock() {
        return state.clock();
    }

    /** Moves the emulator's time forward. */
    public Instant advance(Duration by) {
        return state.clock().advance(by);
    }

    /** Back to the seeded tenant. */
    public void reset() {
        ask(all -> {
            all.reset();
            return all;
        });
    }

    /** Asks or changes the state on the event loop, where alone it may be touched, and waits for the answer. */
    public <T> T ask(Function<EmulatorState, T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        vertx.getOrCreateContext().runOnContext(nothing -> {
            try {
                answer.complete(question.apply(state));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return get(answer);
    }

    @Override
    public void close() {
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) {
        return get(future.toCompletionStage().toCompletableFuture());
    }

    private static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("emulator: " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("emulator: no answer within " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
