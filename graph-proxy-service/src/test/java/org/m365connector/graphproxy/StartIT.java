package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.Ports;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Reading;
import org.m365connector.events.ReplicaAlive;
import org.m365connector.events.Topics;

/** How the packaged service starts, refuses to, and stops. */
class StartIT {

    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");

    @Test
    void unknownKeyFailsTheStartAndIsNamed() throws Exception {
        assertThat(failedStart("-Dm365.admin-key=0123456789abcdef", "-Dm365.proxy-uri=http://localhost"))
                .contains("m365.proxy-uri");
    }

    @Test
    void missingSecretFailsTheStartAndIsNamed() throws Exception {
        assertThat(failedStart("-Dm365.service-keys=0123456789abcdef")).contains("m365.admin-key");
    }

    @Test
    void stopWithoutCallsIsFast() throws Exception {
        int port = Ports.free();
        try (KafkaProcess kafka = KafkaProcess.start()) {
            Process process = start(kafka, port);
            try {
                awaitListening(port);
                process.destroy();
                assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void whoIsStartedAtThePlaceOfTheKilledOneSaysSo() throws Exception {
        int port = Ports.free();
        try (KafkaProcess kafka = KafkaProcess.start()) {
            kafka.createTopic(Topics.THROTTLING, 1, Map.of("message.timestamp.type", "LogAppendTime"));
            ReplicaAlive killed = firstWord(kafka, port, Set.of());

            ReplicaAlive successor = firstWord(kafka, port, Set.of(killed.replica()));
            ReplicaAlive elsewhere = firstWord(kafka, Ports.free(), Set.of(killed.replica(), successor.replica()));

            assertThat(successor.listensAt()).isEqualTo(killed.listensAt());
            assertThat(elsewhere.listensAt()).isPresent().isNotEqualTo(killed.listensAt());
        }
    }

    /** What it says of itself as soon as it says where it listens and whom it counts, which is only itself; then it is killed. */
    private static ReplicaAlive firstWord(KafkaProcess kafka, int port, Set<String> before) throws Exception {
        Process process = start(kafka, port);
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(Topics.THROTTLING, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    ReplicaAlive word = EventCodec.json()
                            .treeToValue(
                                    ((Reading.Understood) EventCodec.read(record))
                                            .event()
                                            .data(),
                                    ReplicaAlive.class);
                    boolean counts =
                            word.hears().filter(List.of(word.replica())::equals).isPresent();
                    if (!before.contains(word.replica()) && word.listensAt().isPresent() && counts) {
                        return word;
                    }
                }
            }
            throw new AssertionError("no such word");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static Process start(KafkaProcess kafka, int port) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dm365.admin-key=0123456789abcdef",
                        "-Dm365.service-keys=fedcba9876543210",
                        "-Dm365.proxy-url=http://localhost:1",
                        "-Dm365.auth-url=http://localhost:2",
                        "-Dkafka.bootstrap.servers=" + kafka.bootstrapServers(),
                        "-Dquarkus.http.port=" + port,
                        "-jar",
                        JAR.toString())
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target/start-it.log").toFile())
                .start();
    }

    private static void awaitListening(int port) {
        await().atMost(Duration.ofMinutes(3)).until(() -> {
            try (Socket socket = new Socket("localhost", port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
    }

    private static String failedStart(String... properties) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xshare:auto"));
        command.addAll(List.of(properties));
        command.addAll(List.of(
                "-Dm365.proxy-url=http://localhost:1",
                "-Dm365.auth-url=http://localhost:2",
                "-Dquarkus.http.port=0",
                "-jar",
                JAR.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(output).isNotZero();
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
