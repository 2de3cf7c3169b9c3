package org.m365connector.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.events.Topics;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Service;

/** sync-service with the role of the door alone, as it is scaled on its own, and a Kafka that really writes. */
final class Door implements AutoCloseable {

    static final String STATE_KEY = "client-state-key-of-the-benchmark-0123456789";
    private static final int PARTITIONS = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Checkout checkout;
    private final Path work;
    private final KafkaProcess kafka;
    private final int port = Scratch.freePort();
    private Replica replica;

    Door(Checkout checkout, Path work) {
        this.checkout = checkout;
        this.work = work;
        Scratch.delete(work);
        try {
            Files.createDirectories(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        kafka = KafkaProcess.start(work.resolve("kafka"), Scratch.freePort());
        kafka.createTopic(Topics.NOTIFICATIONS, PARTITIONS, Map.of());
        // Readiness waits for the views of these, as in every deployment.
        Topics.COMPACTED.forEach(topic -> kafka.createTopic(topic, 1, Map.of("cleanup.policy", "compact")));
    }

    /** Starts it cold and asks for a handshake until it answers one. Milliseconds from the start of the process. */
    long startWithHandshake() {
        long begin = System.nanoTime();
        replica = Replica.start(
                checkout,
                Service.SYNC,
                "http://localhost:" + port,
                List.of("@" + checkout.jvmOptions()),
                environment(),
                work,
                0);
        while (!handshake().equals(Optional.of("a b+c"))) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new LocalException("The door answers no handshake; see " + work);
            }
            Processes.pause(Duration.ofMillis(20));
        }
        long millis = (System.nanoTime() - begin) / 1_000_000;
        replica.awaitReady();
        return millis;
    }

    private Optional<String> handshake() {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + port + "/notifications?validationToken=a%20b%2Bc"))
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? Optional.of(answer.body()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while waiting for the door", e);
        }
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        environment.put("M365_SYNC_ROLES", "door");
        environment.put("M365_CLIENT_STATE_KEY", STATE_KEY);
        environment.put("M365_ADMIN_KEY", "admin-key-of-the-benchmark-0123456789");
        environment.put("M365_SERVICE_KEYS", "service-key-of-the-benchmark-0123456789");
        // A door asks neither of these.
        environment.put("M365_PROXY_URL", "http://localhost:1");
        environment.put("M365_AUTH_URL", "http://localhost:1");
        environment.put("QUARKUS_DATASOURCE_JDBC_URL", "jdbc:postgresql://localhost:1/nowhere");
        return environment;
    }

    int port() {
        return port;
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    Replica replica() {
        return replica;
    }

    @Override
    public void close() {
        if (replica != null) {
            replica.close();
        }
        kafka.close();
        Scratch.delete(work.resolve("kafka"));
    }
}
