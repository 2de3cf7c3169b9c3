package org.m365connector.graphproxy;

import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.m365connector.access.KeyHash;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.Ports;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;
import org.m365connector.emulator.Seed;
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

/** Two processes of the packaged service on one Kafka, before one emulator; Ben is their portal user. */
final class TwoReplicas implements AutoCloseable {

    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final PortalId DEMO = new PortalId("demo");
    private static final RegistrationName MAIN = new RegistrationName("Main");
    private static final PortalUser BEN = new PortalUser("BEN");
    private static final String ACCOUNT_OF_BEN = "demo/Main/user:BEN";
    private static final String PORTAL_KEY = "portal-key-of-two-replicas";

    private final Vertx vertx = Vertx.vertx();
    private final KafkaProcess kafka = KafkaProcess.start();
    private final Emulator emulator = Emulator.start(EmulatorOptions.defaults());
    private final List<Process> processes = new ArrayList<>();
    private final AuthStandIn auth;
    private final String tokenOfBen;

    /** Of Ben's account, and of its tokens. */
    private final AtomicLong version = new AtomicLong(1);

    private final List<Integer> ports = List.of(Ports.free(), Ports.free());
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final List<String> settings;

    /** @param settings besides the usual ones, {@code key=value} */
    TwoReplicas(String... settings) throws Exception {
        this.settings = Stream.of(settings).map(setting -> "-D" + setting).toList();
        Topics.COMPACTED.forEach(topic -> kafka.createTopic(topic, 1, Map.of("cleanup.policy", "compact")));
        kafka.createTopic(Topics.THROTTLING, 1, Map.of("message.timestamp.type", "LogAppendTime"));
        kafka.createTopic(Topics.AUDIT, 3, Map.of());
        int authPort = Ports.free();
        auth = new AuthStandIn(vertx, authPort);
        EntraLogin entra = new EntraLogin(emulator.httpBase());
        tokenOfBen = entra.of(Seed.BEN);
        String tokenOfTheApp = entra.ofTheApp();
        auth.answers(ACCOUNT_OF_BEN, question -> AuthStandIn.token(tokenOfBen, version.get()));
        auth.answers("demo/Main/service", question -> AuthStandIn.token(tokenOfTheApp, 1));
        publishRecords();
        for (int port : ports) {
            processes.add(start(port, authPort));
        }
        for (int replica = 0; replica < 2; replica++) {
            HttpRequest ready = HttpRequest.newBuilder(URI.create(base(replica) + "/q/health/ready"))
                    .build();
            await().atMost(Duration.ofMinutes(3)).ignoreExceptions().until(() -> {
                HttpResponse<String> answer = client.send(ready, HttpResponse.BodyHandlers.ofString());
                return answer.statusCode() == 200 && answer.body().matches("(?s).*\"replicas\" ?: ?2.*");
            });
        }
    }

    Emulator emulator() {
        return emulator;
    }

    HttpClient client() {
        return client;
    }

    /** For the rest of the test. */
    void stopKafka() {
        kafka.close();
    }

    /** A figure as the replica tells it, by its name without labels. */
    double figure(int replica, String name) throws IOException, InterruptedException {
        HttpRequest metrics =
                HttpRequest.newBuilder(URI.create(base(replica) + "/q/metrics")).build();
        return client.send(metrics, HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    /** A call in Ben's name. */
    HttpRequest.Builder request(int replica, String target) {
        return HttpRequest.newBuilder(URI.create(base(replica) + "/graph/demo/Main" + target))
                .timeout(Duration.ofSeconds(60))
                .header("X-API-Key", PORTAL_KEY)
                .header("X-Portal-User", BEN.value());
    }

    JsonObject control(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(emulator.httpBase() + "/_emulator" + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IOException(answer.body());
        }
        return answer.body().isEmpty() ? new JsonObject() : new JsonObject(answer.body());
    }

    /** What the emulator saw of Graph. */
    List<JsonObject> graphRequests() throws IOException, InterruptedException {
        return control("GET", "/requests", "").getJsonArray("requests").stream()
                .map(JsonObject.class::cast)
                .filter(request -> request.getString("path").startsWith("/v1.0/"))
                .toList();
    }

    private String base(int replica) {
        return "http://localhost:" + ports.get(replica);
    }

    private Process start(int port, int authPort) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dm365.admin-key=" + ProxyTestConfig.ADMIN_KEY,
                "-Dm365.service-keys=" + ProxyTestConfig.SERVICE_KEY,
                "-Dm365.proxy-url=http://localhost:" + port,
                "-Dm365.auth-url=http://localhost:" + authPort,
                "-Dm365.graph.base-url=" + emulator.httpBase(),
                "-Dkafka.bootstrap.servers=" + kafka.bootstrapServers(),
                "-Dquarkus.http.port=" + port));
        command.addAll(settings);
        command.addAll(List.of("-jar", JAR.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target/replica-" + port + ".log").toFile())
                .start();
    }

    private void publishRecords() throws InterruptedException, ExecutionException {
        try (KafkaProducer<String, byte[]> producer = producer()) {
            PortalRecord portal = new PortalRecord(
                    DEMO,
                    1,
                    "Demo",
                    "en",
                    List.of(),
                    List.of(KeyHash.of(PORTAL_KEY)),
                    PortalState.ACTIVE,
                    Optional.empty());
            publish(producer, Topics.PORTALS, portal.key(), PortalRecord.TYPE, portal);
            RegistrationRecord registration = new RegistrationRecord(
                    DEMO,
                    MAIN,
                    1,
                    "global",
                    emulator.httpBase(),
                    Optional.of(Seed.TENANT_ID),
                    Optional.of(Seed.CLIENT_ID),
                    AccountTypes.BUSINESS,
                    "emailBiz",
                    List.of(),
                    BEN,
                    RegistrationState.COMPLETE);
            publish(producer, Topics.REGISTRATIONS, registration.key(), RegistrationRecord.CHANGED, registration);
            AssignmentsRecord assignments = new AssignmentsRecord(
                    DEMO,
                    MAIN,
                    BEN,
                    1,
                    List.of(
                            new AssignmentsRecord.Account(AccountName.CURRENT_USER, true),
                            new AssignmentsRecord.Account(AccountName.SERVICE, false)));
            publish(producer, Topics.ASSIGNMENTS, assignments.key(), AssignmentsRecord.TYPE, assignments);
            publishAccount(producer, AccountState.READY);
        }
    }

    /** Told when Kafka has it. */
    void signOutBen() throws InterruptedException, ExecutionException {
        auth.answers(ACCOUNT_OF_BEN, question -> AuthStandIn.problem(409, "login-required"));
        publishAccount(AccountState.GONE);
    }

    void signInBen() throws InterruptedException, ExecutionException {
        auth.answers(ACCOUNT_OF_BEN, question -> AuthStandIn.token(tokenOfBen, version.get()));
        publishAccount(AccountState.READY);
    }

    private void publishAccount(AccountState state) throws InterruptedException, ExecutionException {
        version.incrementAndGet();
        try (KafkaProducer<String, byte[]> producer = producer()) {
            publishAccount(producer, state);
        }
    }

    private void publishAccount(KafkaProducer<String, byte[]> producer, AccountState state)
            throws InterruptedException, ExecutionException {
        AccountRecord account = new AccountRecord(
                DEMO,
                MAIN,
                AccountId.ofUser(BEN),
                version.get(),
                state,
                Optional.empty(),
                Optional.of(Seed.BEN),
                Optional.of(Seed.TENANT_ID),
                Optional.of(Seed.BEN_OID),
                Optional.of(AccountType.WORK),
                version.get());
        publish(producer, Topics.ACCOUNTS, account.key(), AccountRecord.TYPE, account);
    }

    private KafkaProducer<String, byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    private static void publish(
            KafkaProducer<String, byte[]> producer, String topic, String key, String type, Object data)
            throws InterruptedException, ExecutionException {
        producer.send(EventCodec.write(
                        topic,
                        key,
                        Event.of(UUID.randomUUID().toString(), URI.create("/m365/test"), type, Instant.now(), data)))
                .get();
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        emulator.close();
        kafka.close();
        vertx.close();
    }
}
