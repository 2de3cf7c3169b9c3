package org.m365connector.backends;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A Kafka broker (KRaft, one node) inside this JVM. Up in two to three seconds.
 *
 * <p>It can be stopped and started again on the same port with what it had stored: {@link #stop()} is a broker that goes
 * away, {@link #restart()} brings it back. Topics are never created by their first use.
 */
public final class KafkaBroker implements AutoCloseable {

    /** Held, since a logger that nobody holds forgets its level. */
    private static final List<Logger> QUIET =
            List.of(Logger.getLogger("kafka"), Logger.getLogger("org.apache.kafka"), Logger.getLogger("state"));

    private final Path directory;
    private final int port;
    private final boolean temporary;
    private KafkaNode node;

    private KafkaBroker(Path directory, int port, boolean temporary) {
        this.directory = directory;
        this.port = port;
        this.temporary = temporary;
    }

    /** Starts a broker on a free port in a temporary directory, which {@link #close()} deletes. */
    public static KafkaBroker start() {
        return start(Directories.temporary("m365-kafka-"), Ports.free(), true);
    }

    /** Starts a broker with what the directory holds; an empty or missing directory is a new broker. */
    public static KafkaBroker start(Path directory, int port) {
        return start(directory, port, false);
    }

    private static KafkaBroker start(Path directory, int port, boolean temporary) {
        QUIET.forEach(logger -> logger.setLevel(Level.OFF));
        var broker = new KafkaBroker(directory, port, temporary);
        broker.restart();
        return broker;
    }

    /** {@code localhost:port}; the same over stops and restarts. */
    public String bootstrapServers() {
        return "localhost:" + port;
    }

    /** Makes a topic unless it is there already. */
    public void createTopic(String name, int partitions, Map<String, String> config) {
        KafkaTopics.create(bootstrapServers(), name, partitions, config);
    }

    /** Stops the broker; what it stored stays for {@link #restart()}. */
    public synchronized void stop() {
        if (node != null) {
            node.stop();
            node = null;
        }
    }

    /** Starts the stopped broker again: same port, same directory. */
    public synchronized void restart() {
        if (node == null) {
            node = KafkaNode.start(directory, port);
        }
    }

    @Override
    public void close() {
        stop();
        if (temporary) {
            Directories.delete(directory);
        }
    }
}
