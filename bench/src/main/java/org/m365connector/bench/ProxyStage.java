package org.m365connector.bench;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;
import org.m365connector.events.Topics;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Service;

/**
 * One graph-proxy-service with a Kafka, a Graph that only answers, and somebody who gives it tokens. The upstream is plain HTTP
 * on this machine for all ways alike: TLS would cost the proxy and nginx the same.
 */
final class ProxyStage implements AutoCloseable {

    static final String SMALL = "/v1.0/me/drive/small";
    static final String LARGE = "/v1.0/me/drive/large";
    static final String HUGE = "/v1.0/me/drive/huge";

    private static final String PORTAL_KEY = "portal-key-of-the-benchmark-0123456789";
    private static final String SERVICE_KEY = "service-key-of-the-benchmark-0123456789";
    private static final PortalId PORTAL = new PortalId("bench");
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final PortalUser USER = new PortalUser("0000000000000000000000000000000000000001");
    private static final long HUGE_BYTES = 2L << 30;
    private static final Buffer PIECE = Buffer.buffer("x".repeat(64 * 1024));

    private final Path work;
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final KafkaProcess kafka;
    private final Replica replica;
    private final int upstream;
    private final int proxy = Scratch.freePort();
    private volatile Buffer small;
    private volatile Buffer large;
    private Process nginx;

    ProxyStage(Checkout checkout, Path work) {
        this.work = work;
        Scratch.delete(work);
        try {
            Files.createDirectories(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        kafka = KafkaProcess.start(work.resolve("kafka"), Scratch.freePort());
        Topics.COMPACTED.forEach(topic -> kafka.createTopic(topic, 1, Map.of("cleanup.policy", "compact")));
        kafka.createTopic(Topics.THROTTLING, 1, Map.of("message.timestamp.type", "LogAppendTime"));
        kafka.createTopic(Topics.AUDIT, 1, Map.of());
        upstream = listen(vertx, this::answer);
        small = page(1024);
        large = page(1024 * 1024);
        int auth = listen(vertx, ProxyStage::giveToken);
        publishRecords(kafka, upstream);
        replica = Replica.start(
                checkout,
                Service.PROXY,
                "http://localhost:" + proxy,
                // What is measured is the governor's work, not its limits.
                List.of("@" + checkout.jvmOptions(), "-Dm365.throttle.limits.app=app 100000000/10"),
                environment(kafka, proxy, auth, upstream),
                work,
                0);
        replica.awaitReady();
    }

    Proxy.Way direct() {
        return new Proxy.Way("direct", upstream, "", "Authorization: Bearer t\r\n");
    }

    Proxy.Way ours() {
        return ours(proxy);
    }

    static Proxy.Way ours(int proxy) {
        String headers = "X-API-Key: " + PORTAL_KEY + "\r\nX-Portal-User: " + USER + "\r\n";
        return new Proxy.Way("ours", proxy, "/graph/" + PORTAL + "/" + MAIN, headers);
    }

    /** Workers auto, keep-alive, no log, sets one header; empty where it is not installed. */
    Optional<Proxy.Way> nginx() {
        boolean installed = Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "nginx")));
        if (!installed) {
            return Optional.empty();
        }
        int port = Scratch.freePort();
        String config = """
                daemon off; worker_processes auto; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 1024; }
                http {
                  access_log off; client_body_temp_path %1$s/t1; proxy_temp_path %1$s/t2; fastcgi_temp_path %1$s/t3;
                  uwsgi_temp_path %1$s/t4; scgi_temp_path %1$s/t5; keepalive_requests 1000000000;
                  upstream graph { server 127.0.0.1:%2$d; keepalive 128; keepalive_requests 1000000000; }
                  server {
                    listen 127.0.0.1:%3$d;
                    location / {
                      proxy_pass http://graph; proxy_http_version 1.1; proxy_set_header Connection "";
                      proxy_set_header Authorization "Bearer t";
                    }
                  }
                }
                """.formatted(work, upstream, port);
        try {
            Path file = Files.writeString(work.resolve("nginx.conf"), config);
            nginx = new ProcessBuilder("nginx", "-c", file.toString(), "-p", work.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(work.resolve("nginx-start.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitListening(port);
        return Optional.of(new Proxy.Way("nginx", port, "", ""));
    }

    Replica replica() {
        return replica;
    }

    long cpuMicros() {
        return replica.cpuMicros();
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response().putHeader("Content-Type", "application/json");
        if (request.uri().endsWith("small")) {
            response.end(small);
        } else if (request.uri().endsWith("large")) {
            response.end(large);
        } else {
            response.putHeader("Content-Type", "application/octet-stream")
                    .putHeader("Content-Length", Long.toString(HUGE_BYTES));
            pump(response, new AtomicLong());
        }
    }

    /** A page as Graph sends it, with a link to be rewritten. */
    private Buffer page(int bytes) {
        String item = "{\"@odata.etag\":\"W/1\",\"id\":\"AAMkAGI\",\"subject\":\"Milestone, ada@contoso.example\"},";
        StringBuilder page = new StringBuilder(
                "{\"@odata.nextLink\":\"http://localhost:" + upstream + "/v1.0/me/x?$skip=1\",\"value\":[");
        while (page.length() + item.length() < bytes) {
            page.append(item);
        }
        return Buffer.buffer(page.append("{}]}").toString());
    }

    private static void pump(HttpServerResponse response, AtomicLong sent) {
        while (sent.get() < HUGE_BYTES) {
            if (response.writeQueueFull()) {
                response.drainHandler(drained -> pump(response, sent));
                return;
            }
            response.write(PIECE);
            sent.addAndGet(PIECE.length());
        }
        response.end();
    }

    static void giveToken(HttpServerRequest request) {
        request.response()
                .putHeader("Content-Type", "application/json")
                .end(new JsonObject()
                        .put("accessToken", "t".repeat(1500))
                        .put("expiresAt", Instant.now().plusSeconds(7200).toString())
                        .put("generation", 1)
                        .toBuffer());
    }

    static int listen(Vertx vertx, Handler<HttpServerRequest> handler) {
        return vertx.createHttpServer()
                .requestHandler(handler)
                .listen(0, "localhost")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    static Map<String, String> environment(KafkaProcess kafka, int proxy, int auth, int upstream) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(proxy));
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        environment.put("M365_ADMIN_KEY", "admin-key-of-the-benchmark-0123456789");
        environment.put("M365_SERVICE_KEYS", SERVICE_KEY);
        environment.put("M365_PROXY_URL", "http://localhost:" + proxy);
        environment.put("M365_AUTH_URL", "http://localhost:" + auth);
        environment.put("M365_GRAPH_BASE_URL", "http://localhost:" + upstream);
        return environment;
    }

    /** One portal with one person who has signed in. */
    static void publishRecords(KafkaProcess kafka, int upstream) {
        PortalRecord portal = new PortalRecord(
                PORTAL, 1, "Bench", "en", List.of(), List.of(hash(PORTAL_KEY)), PortalState.ACTIVE, Optional.empty());
        RegistrationRecord registration = new RegistrationRecord(
                PORTAL,
                MAIN,
                1,
                "global",
                "http://localhost:" + upstream,
                Optional.of("tenant"),
                Optional.of("client"),
                AccountTypes.BUSINESS,
                "emailBiz",
                List.of(),
                USER,
                RegistrationState.COMPLETE);
        AssignmentsRecord assignments = new AssignmentsRecord(
                PORTAL, MAIN, USER, 1, List.of(new AssignmentsRecord.Account(AccountName.CURRENT_USER, true)));
        // As after a sign-in: where nothing is known of an account, tokens serve for two seconds only.
        AccountRecord account = new AccountRecord(
                PORTAL,
                MAIN,
                AccountId.ofUser(USER),
                1,
                AccountState.READY,
                Optional.empty(),
                Optional.of("ada@contoso.example"),
                Optional.of("tenant"),
                Optional.of("a0000000-0000-4000-8000-00000000000a"),
                Optional.of(AccountType.WORK),
                1);
        Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            publish(producer, Topics.PORTALS, portal.key(), PortalRecord.TYPE, portal);
            publish(producer, Topics.REGISTRATIONS, registration.key(), RegistrationRecord.CHANGED, registration);
            publish(producer, Topics.ASSIGNMENTS, assignments.key(), AssignmentsRecord.TYPE, assignments);
            publish(producer, Topics.ACCOUNTS, account.key(), AccountRecord.TYPE, account);
        }
    }

    private static void publish(
            KafkaProducer<String, byte[]> producer, String topic, String key, String type, Object data) {
        Event<Object> event =
                Event.of(UUID.randomUUID().toString(), URI.create("/m365/bench"), type, Instant.now(), data);
        try {
            producer.send(EventCodec.write(topic, key, event)).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while publishing", e);
        } catch (ExecutionException e) {
            throw new LocalException("Kafka does not take a record: " + e.getCause(), e);
        }
    }

    private static String hash(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitListening(int port) {
        for (int attempt = 0; attempt < 200; attempt++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
                return;
            } catch (IOException e) {
                Processes.pause(Duration.ofMillis(50));
            }
        }
        throw new LocalException("nginx does not start");
    }

    @Override
    public void close() {
        if (nginx != null) {
            nginx.destroy();
            try {
                if (!nginx.waitFor(5, TimeUnit.SECONDS)) {
                    nginx.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        replica.close();
        kafka.close();
        vertx.close();
        Scratch.delete(work.resolve("kafka"));
    }
}
