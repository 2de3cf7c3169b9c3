package org.m365connector.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.m365connector.local.suite.LocalException;

/** Counts the places where a token of Entra or a secret of the run can be read: logs, events, database. */
final class PlainTokens {

    /** An access or id token, a refresh token or code; as text, and as PostgreSQL shows bytes. */
    private static final Pattern TOKEN = Pattern.compile("eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]{8,}"
            + "|65794a[0-9a-f]{16,}2e65794a|1\\.A[\\w-]{300,}|312e41[0-9a-f]{600,}");

    private final List<String> secrets;

    PlainTokens(List<String> secrets) {
        this.secrets = secrets;
    }

    long inLogs(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            long found = 0;
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".log")).toList()) {
                found += Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
                        .filter(this::shows)
                        .count();
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long inEvents(String bootstrapServers) {
        Map<String, Object> connection = Map.of("bootstrap.servers", bootstrapServers);
        try (Admin admin = Admin.create(connection);
                KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(connection, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = admin.listTopics().names().get().stream()
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long found = 0;
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> event : consumer.poll(Duration.ofMillis(200))) {
                    String headers = Stream.of(event.headers().toArray())
                            .map(header -> text(header.value()))
                            .collect(Collectors.joining("\n"));
                    found += shows(text(event.value()) + "\n" + headers) ? 1 : 0;
                }
            }
            return found;
        } catch (ExecutionException e) {
            throw new LocalException("Cannot read the topics", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while reading the topics", e);
        }
    }

    long inDatabase(Connection connection) throws SQLException {
        long found = 0;
        try (Statement statement = connection.createStatement()) {
            for (String table : tables(statement)) {
                try (ResultSet rows = statement.executeQuery("select t::text from " + table + " t")) {
                    while (rows.next()) {
                        found += shows(rows.getString(1)) ? 1 : 0;
                    }
                }
            }
        }
        return found;
    }

    private static List<String> tables(Statement statement) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("""
                select format('%I.%I', table_schema, table_name) from information_schema.tables
                where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')""")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        if (tables.isEmpty()) {
            throw new LocalException("There are no tables to look into");
        }
        return tables;
    }

    boolean shows(String text) {
        return TOKEN.matcher(text).find()
                || secrets.stream()
                        .anyMatch(secret -> text.contains(secret)
                                || text.contains(HexFormat.of().formatHex(secret.getBytes(StandardCharsets.UTF_8))));
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
