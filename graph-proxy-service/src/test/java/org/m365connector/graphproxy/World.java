package org.m365connector.graphproxy;

import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;

/** The proxy's neighbours: emulator, a Graph of our own, auth-service's stand-in, and a producer for the records. */
final class World {

    private static World world;

    private final Config config = ConfigProvider.getConfig();
    private final Vertx vertx = Vertx.vertx();
    private final AuthStandIn auth = new AuthStandIn(vertx, port("test.auth.port"));
    private final TraceCollector traces = new TraceCollector(vertx, port("test.collector.port"));
    private final UpstreamStandIn upstream = new UpstreamStandIn(vertx, port("test.upstream.port"));
    private final Emulator emulator =
            Emulator.start(EmulatorOptions.defaults().withPorts(port("test.emulator.port"), 0));
    private final KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
            Map.of("bootstrap.servers", config.getValue("kafka.bootstrap.servers", String.class)),
            new StringSerializer(),
            new ByteArraySerializer());
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    private World() {}

    /** One for all tests of the JVM. */
    static synchronized World get() {
        if (world == null) {
            world = new World();
            world.awaitReady();
        }
        return world;
    }

    private void awaitReady() {
        HttpRequest ready = request("/q/health/ready").build();
        await().atMost(Duration.ofMinutes(3))
                .until(() -> client.send(ready, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200);
    }

    Vertx vertx() {
        return vertx;
    }

    AuthStandIn auth() {
        return auth;
    }

    TraceCollector traces() {
        return traces;
    }

    UpstreamStandIn upstream() {
        return upstream;
    }

    Emulator emulator() {
        return emulator;
    }

    HttpClient client() {
        return client;
    }

    String proxyBase() {
        return "http://localhost:" + proxyPort();
    }

    int proxyPort() {
        return port("quarkus.http.test-port");
    }

    String emulatorBase() {
        return "http://localhost:" + port("test.emulator.port");
    }

    String upstreamBase() {
        return "http://localhost:" + port("test.upstream.port");
    }

    /** Where nobody listens. */
    String nobodyBase() {
        return "http://localhost:" + port("test.nobody.port");
    }

    /** The same; a test may listen there for a while. */
    int nobodyPort() {
        return port("test.nobody.port");
    }

    HttpRequest.Builder request(String pathAndQuery) {
        return HttpRequest.newBuilder(URI.create(proxyBase() + pathAndQuery));
    }

    void publish(String topic, String key, String type, Object data) {
        Event<Object> event =
                Event.of(UUID.randomUUID().toString(), URI.create("/m365/test"), type, Instant.now(), data);
        try {
            producer.send(EventCodec.write(topic, key, event)).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("not published", e);
        }
    }

    private int port(String property) {
        return config.getValue(property, Integer.class);
    }
}
