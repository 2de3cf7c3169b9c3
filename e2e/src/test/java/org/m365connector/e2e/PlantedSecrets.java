package org.m365connector.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.m365connector.local.suite.LocalSuite;

/** Secrets where none must be: in a log, a topic and a table, there as text and as bytes. Closing takes them away. */
final class PlantedSecrets implements AutoCloseable {
    private static final String NAME = "planted";

    private final LocalSuite suite;
    private final Path log;
    private final Map<String, Object> kafka;

    private PlantedSecrets(LocalSuite suite) {
        this.suite = suite;
        log = suite.logs().resolve(NAME + ".log");
        kafka = Map.of("bootstrap.servers", suite.suite().kafkaBootstrap());
    }

    static PlantedSecrets plant(LocalSuite suite, List<String> secrets)
            throws IOException, SQLException, ExecutionException, InterruptedException {
        PlantedSecrets planted = new PlantedSecrets(suite);
        List<String> lines = new ArrayList<>();
        secrets.forEach(secret -> lines.add("INFO called with=" + secret + " took=3"));
        Files.write(planted.log, lines);
        planted.publish(secrets);
        planted.store(secrets);
        return planted;
    }

    /** Where the secret of this number, from 0, is in the log. */
    String line(int number) {
        return log.getFileName() + ":" + (number + 1);
    }

    String event(int number) {
        return NAME + "-0@" + number;
    }

    String texts() {
        return "table " + NAME + ".as_text";
    }

    String bytes() {
        return "table " + NAME + ".as_bytes";
    }

    private void publish(List<String> secrets) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(kafka);
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic(NAME, Optional.of(1), Optional.empty())))
                    .all()
                    .get();
            for (String secret : secrets) {
                producer.send(new ProducerRecord<>(NAME, utf8("{\"token\":\"" + secret + "\"}")))
                        .get();
            }
        }
    }

    private void store(List<String> secrets) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema " + NAME);
            statement.execute("create table " + NAME + ".as_text (secret text)");
            statement.execute("create table " + NAME + ".as_bytes (secret bytea)");
            for (String secret : secrets) {
                try (PreparedStatement text =
                                connection.prepareStatement("insert into " + NAME + ".as_text values (?)");
                        PreparedStatement bytes =
                                connection.prepareStatement("insert into " + NAME + ".as_bytes values (?)")) {
                    text.setString(1, "with " + secret);
                    text.execute();
                    bytes.setBytes(1, utf8("{\"token\":\"" + secret + "\"}"));
                    bytes.execute();
                }
            }
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + suite.ports().postgres() + "/m365?user=postgres");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException, SQLException {
        Files.deleteIfExists(log);
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop schema " + NAME + " cascade");
        }
        try (Admin admin = Admin.create(kafka)) {
            admin.deleteTopics(List.of(NAME)).all().get();
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> !admin.listTopics().names().get().contains(NAME));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
