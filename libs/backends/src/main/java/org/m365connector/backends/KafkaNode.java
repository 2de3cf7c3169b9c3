package org.m365connector.backends;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** One KRaft node that is broker and controller at once; formats its directory when it is used for the first time. */
final class KafkaNode {

    private final KafkaRaftServer server;

    private KafkaNode(KafkaRaftServer server) {
        this.server = server;
    }

    static KafkaNode start(Path directory, int port) {
        Properties properties = properties(directory, port);
        format(directory, properties);
        var server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        server.startup();
        return new KafkaNode(server);
    }

    synchronized void stop() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static Properties properties(Path directory, int port) {
        int controllerPort = Ports.free();
        var properties = new Properties();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@localhost:" + controllerPort);
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("listeners", "PLAINTEXT://localhost:" + port + ",CONTROLLER://localhost:" + controllerPort);
        properties.put("advertised.listeners", "PLAINTEXT://localhost:" + port);
        properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("log.dirs", directory.resolve("log").toString());

        // One node holds every copy.
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");
        properties.put("default.replication.factor", "1");
        properties.put("min.insync.replicas", "1");

        // Small and quick to start: few internal partitions, no wait before a group's first round, a small cleaner.
        properties.put("offsets.topic.num.partitions", "4");
        properties.put("transaction.state.log.num.partitions", "4");
        properties.put("num.partitions", "6");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("log.cleaner.dedupe.buffer.size", "2097152");

        // After a kill -9 the controller waits so long until it believes that the old broker is gone. Before the first
        // there is
        // none, and on a busy machine a broker may be silent for a while; but it is the longest pause between its
        // attempts to
        // register as well.
        properties.put("broker.session.timeout.ms", isFormatted(directory) ? "4000" : "15000");
        properties.put("broker.heartbeat.interval.ms", "1000");
        properties.put("initial.broker.registration.timeout.ms", "240000");

        // Transactions of killed producers are looked for each second instead of each ten.
        properties.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");

        // A topic that nobody made is a mistake, not a reason to make one.
        properties.put("auto.create.topics.enable", "false");
        return properties;
    }

    private static boolean isFormatted(Path directory) {
        return Files.exists(directory.resolve("log").resolve("meta.properties"));
    }

    private static void format(Path directory, Properties properties) {
        if (isFormatted(directory)) {
            return;
        }
        Directories.create(directory);
        Path file = directory.resolve("server.properties");
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
        var output = new ByteArrayOutputStream();
        String[] command = {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()};
        int status = StorageTool.execute(command, new PrintStream(output, true, StandardCharsets.UTF_8));
        if (status != 0) {
            throw new IllegalStateException("Kafka cannot format " + directory + ": " + output);
        }
    }
}
