package org.m365connector.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendsIT {

    private static final String TOPIC = "words";

    @TempDir
    Path directory;

    @Test
    void brokerKeepsWhatItHasOverARestartOnTheSamePort() throws Exception {
        try (var broker = KafkaBroker.start(directory, Ports.free())) {
            broker.createTopic(TOPIC, 1, Map.of());
            send(broker.bootstrapServers(), "before");

            broker.stop();
            broker.restart();

            send(broker.bootstrapServers(), "after");
            assertThat(read(broker.bootstrapServers(), 2)).containsExactly("before", "after");
        }
    }

    @Test
    void killedBrokerProcessComesBackWithWhatItHad() throws Exception {
        try (var broker = KafkaProcess.start(directory, Ports.free())) {
            broker.createTopic(TOPIC, 1, Map.of());
            send(broker.bootstrapServers(), "before");

            broker.kill();
            broker.restart();

            send(broker.bootstrapServers(), "after");
            assertThat(read(broker.bootstrapServers(), 2)).containsExactly("before", "after");
        }
    }

    @Test
    void brokerThatCannotStartSaysWhy() {
        int port = Ports.free();
        try (var first = KafkaProcess.start(directory.resolve("first"), port)) {
            assertThat(first.pid()).isPositive();
            assertThatThrownBy(() -> KafkaProcess.start(directory.resolve("second"), port))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("port " + port)
                    .hasMessageContaining("Address already in use");
        }
    }

    @Test
    void eachServiceSeesOnlyItsOwnSchema() throws Exception {
        try (var server = PostgresServer.start()) {
            Database auth = server.schema("auth");
            Database sync = server.schema("sync");
            try (var connection = connect(auth);
                    var statement = connection.createStatement()) {
                statement.execute("CREATE TABLE secrets (value text)");
            }
            try (var connection = connect(sync);
                    var statement = connection.createStatement()) {
                assertThatThrownBy(() -> statement.execute("SELECT * FROM auth.secrets"))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("permission denied");
            }
        }
    }

    @Test
    void killedServerComesBackWithWhatItHad() throws Exception {
        int port = Ports.free();
        var server = PostgresServer.start(directory, port);
        try (var connection = connect(server.schema("auth"));
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (value text)");
            statement.execute("INSERT INTO kept VALUES ('before')");
        }
        ProcessHandle killed = ProcessHandle.of(postmaster()).orElseThrow();

        server.kill();

        assertThat(killed.isAlive()).isFalse();
        try (var again = PostgresServer.start(directory, port);
                var connection = connect(again.schema("auth"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT value FROM kept")) {
            assertThat(rows.next()).isTrue();
        }
    }

    @Test
    void serverWhoseStarterIsInterruptedComesUpAndCanBeEnded() throws Exception {
        int port = Ports.free();
        Thread.currentThread().interrupt();

        try (var server = PostgresServer.start(directory, port)) {
            assertThat(Thread.interrupted()).as("it is still for the caller").isTrue();
            try (var connection = DriverManager.getConnection(server.jdbcUrl(), "postgres", "")) {
                assertThat(connection.isValid(60)).isTrue();
            }
        }

        assertThat(directory.resolve("data/postmaster.pid")).doesNotExist();
    }

    @Test
    void serverKeepsWhatItHasOverARestartAndLeavesNothingBehind() throws Exception {
        int port = Ports.free();
        ProcessHandle postmaster;
        try (var server = PostgresServer.start(directory, port);
                var connection = connect(server.schema("auth"));
                var statement = connection.createStatement()) {
            postmaster = ProcessHandle.of(postmaster()).orElseThrow();
            statement.execute("CREATE TABLE kept (value text)");
        }
        Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> !postmaster.isAlive());

        try (var server = PostgresServer.start(directory, port);
                var connection = connect(server.schema("auth"));
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT count(*) FROM kept")) {
            assertThat(rows.next()).isTrue();
        }
    }

    private long postmaster() throws Exception {
        Path file = directory.resolve("data").resolve("postmaster.pid");
        return Long.parseLong(Files.readAllLines(file).get(0).strip());
    }

    private static Connection connect(Database database) throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
    }

    private static void send(String bootstrapServers, String value) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers, "acks", "all");
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, "key", value)).get();
        }
    }

    private static List<String> read(String bootstrapServers, int count) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrapServers, "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(TOPIC, 0)));
            var values = new ArrayList<String>();
            Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                return values.size() >= count;
            });
            return values;
        }
    }
}
