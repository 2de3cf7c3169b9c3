package org.m365connector.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.m365connector.backends.Database;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.PostgresServer;
import org.m365connector.events.AccountTypes;
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
import org.m365connector.local.suite.Service;

/** assignment-service with a Kafka and a PostgreSQL that really write, and what auth-service would tell it. */
final class AssignmentStage implements AutoCloseable {
    static final String ADMIN_KEY = "admin-key-of-the-benchmark-0123456789";
    private static final Map<String, String> COMPACTED = Map.of("cleanup.policy", "compact");

    private final Path work;
    private final PostgresServer postgres;
    private final Database database;
    private final KafkaProcess kafka;
    private final int port = Scratch.freePort();
    private final Replica replica;

    AssignmentStage(Checkout checkout, Path work) {
        this.work = work;
        delete(work);
        postgres = PostgresServer.start(work.resolve("postgres"), Scratch.freePort());
        database = postgres.schema("assignment");
        kafka = KafkaProcess.start(work.resolve("kafka"), Scratch.freePort());
        for (String topic : List.of(Topics.PORTALS, Topics.REGISTRATIONS, Topics.ACCOUNTS, Topics.ASSIGNMENTS)) {
            kafka.createTopic(topic, 3, COMPACTED);
        }
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        variables.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        variables.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
        variables.put("M365_ADMIN_KEY", ADMIN_KEY);
        variables.put("M365_SERVICE_KEYS", "service-key-of-the-benchmark-0123456789");
        variables.put("QUARKUS_DATASOURCE_JDBC_URL", database.jdbcUrl());
        variables.put("QUARKUS_DATASOURCE_USERNAME", database.username());
        variables.put("QUARKUS_DATASOURCE_PASSWORD", database.password());
        replica = Replica.start(checkout, Service.ASSIGNMENT, url(), List.of(), variables, work, 0);
        replica.awaitReady();
    }

    Replica replica() {
        return replica;
    }

    String url() {
        return "http://localhost:" + port;
    }

    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** Onboards a portal with a complete registration. */
    void onboard(PortalId portal, RegistrationName registration, PortalUser administrator) {
        kafka.createTopic(Topics.users(portal), 3, COMPACTED);
        PortalRecord record =
                new PortalRecord(portal, 1, "Bench", "en", List.of(), List.of(), PortalState.ACTIVE, Optional.empty());
        send(Topics.PORTALS, record.key(), PortalRecord.TYPE, record);
        RegistrationRecord complete = new RegistrationRecord(
                portal,
                registration,
                1,
                "global",
                "https://graph.microsoft.com",
                Optional.of("tenant"),
                Optional.of("client"),
                AccountTypes.BOTH,
                "emailBiz",
                List.of("mail"),
                administrator,
                RegistrationState.COMPLETE);
        send(Topics.REGISTRATIONS, RegistrationRecord.key(portal, registration), RegistrationRecord.MADE, complete);
    }

    /** Portal users who are in that group, as the portal would have told of them. */
    void tell(PortalId portal, int count, String group) {
        try (var connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
                var statement = connection.createStatement()) {
            statement.executeUpdate("""
                    insert into portal_user
                    select '%s', lpad(upper(to_hex(n)), 40, '0'), '{}', '{%s}', '{}', now() from generate_series(1, %d) n""".formatted(portal, group, count));
            statement.execute("analyze portal_user");
        } catch (SQLException e) {
            throw new LocalException("Cannot write the database: " + e.getMessage(), e);
        }
    }

    private void send(String topic, String key, String type, Object data) {
        Event<?> event = Event.of("bench-" + key, java.net.URI.create("/m365/bench"), type, Instant.now(), data);
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            producer.send(EventCodec.write(topic, key, event)).get();
        } catch (ExecutionException e) {
            throw new LocalException("Kafka does not take " + topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted", e);
        }
    }

    long number(String sql) {
        try (var connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
                var statement = connection.prepareStatement(sql);
                var row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new LocalException("Cannot ask the database: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        replica.close();
        kafka.close();
        postgres.close();
        delete(work.resolve("postgres"));
        delete(work.resolve("kafka"));
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (var files = Files.walk(directory)) {
            List<Path> all = new ArrayList<>(files.toList());
            all.sort(Comparator.reverseOrder());
            for (Path file : all) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
