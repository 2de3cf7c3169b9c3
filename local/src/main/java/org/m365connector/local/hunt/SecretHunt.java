package org.m365connector.local.hunt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.m365connector.emulator.Seed;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.LocalSuite;

/**
 * Looks for keys, passwords and tokens in every place where somebody might read them: logs, events, database. A black-box test plants
 * one of each kind in each place, and it finds them all.
 */
public final class SecretHunt {
    public static final String TOKEN = "a token";
    public static final String CODE_OR_REFRESH_TOKEN = "a code or refresh token";
    public static final String PERSONAL_TOKEN = "a personal account's token";
    public static final String DEVICE_CODE = "a device code";
    public static final String PORTAL_KEY = "a portal's key";

    /** What comes from Entra ID, by its looks: tokens that are JSON are three parts of base64url, others begin like Microsoft's. */
    private static final Map<String, Pattern> FROM_ENTRA = Map.of(
            TOKEN, Pattern.compile("eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]{8,}"),
            CODE_OR_REFRESH_TOKEN, Pattern.compile("(?<![\\w-])1\\.A[\\w-]{100,}"),
            PERSONAL_TOKEN, Pattern.compile("(?<![\\w-])EwB[\\w-]{100,}"),
            DEVICE_CODE, Pattern.compile("(?<![\\w-])GAQ[\\w-]{100,}"));

    /** As PostgreSQL shows bytes. */
    private static final Pattern BYTES = Pattern.compile("[0-9a-f]{80,}");

    private static final Pattern ONLY_HEX = Pattern.compile("[0-9a-f]*");

    private static final String PORTALS = "m365.portals";
    private static final Pattern SHA256 = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
    private static final int KEY_LENGTH = 43;
    private static final Pattern MAY_HOLD_A_KEY = Pattern.compile("[\\w-]{" + KEY_LENGTH + ",}");

    /** A login ticket: whoever has it can begin a login. It belongs into the portal's events, not into a log. */
    private static final Pattern TICKET = Pattern.compile("/login/[\\w-]{20,}");

    private static final String MAIL_TEXT = "<b>Milestone</b> reached";

    private final Places places;
    private final Map<String, String> secrets = new LinkedHashMap<>();
    /** Nobody knows the key of every portal, but all their hashes are published. */
    private final Set<String> hashesOfPortalKeys = new HashSet<>();

    /**
     * Where is looked.
     *
     * @param logs a directory; its files that end with {@code .log}
     * @param database URL of JDBC with whatever is needed to read all of its schemas
     */
    public record Places(Path logs, String kafkaBootstrap, String database) {

        /** The whole suite of this machine. */
        public static Places of(LocalSuite suite) {
            return new Places(
                    suite.logs(),
                    suite.suite().kafkaBootstrap(),
                    "jdbc:postgresql://localhost:" + suite.ports().postgres() + "/m365?user=postgres");
        }
    }

    public SecretHunt(LocalSuite suite) {
        this(Places.of(suite), suite.secrets().values());
    }

    /** @param keys of this run, besides what everybody in the emulator's directory has */
    public SecretHunt(Places places, Collection<String> keys) {
        this.places = places;
        int number = 0;
        for (String value : keys) {
            secrets.put("key " + number++ + " of this run", value);
        }
        secrets.put("the client secret", Seed.CLIENT_SECRET);
        secrets.put("a user's password", Seed.PASSWORD);
        everyEvent(PORTALS::equals, portal -> {
            Matcher hashes = SHA256.matcher(text(portal.value()));
            while (hashes.find()) {
                hashesOfPortalKeys.add(hashes.group());
            }
        });
    }

    /** Whether it is the key of a portal that the topics tell of. */
    public boolean isPortalKey(String text) {
        return hashesOfPortalKeys.contains(sha256(text));
    }

    /** What was found in the log files: file, line number, kind; never the secret itself. */
    public List<String> inLogs() {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(places.logs())) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".log")).toList()) {
                int number = 0;
                for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                    number++;
                    String place = file.getFileName() + ":" + number;
                    look(place, line, found);
                    if (TICKET.matcher(line).find()) {
                        found.add(place + " has a login ticket");
                    }
                    if (line.contains(MAIL_TEXT)) {
                        found.add(place + " has the text of a mail");
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** What was found in keys, headers and values of all topics. */
    public List<String> inEvents() {
        List<String> found = new ArrayList<>();
        everyEvent(topic -> true, event -> look(event, found));
        return found;
    }

    private void everyEvent(Predicate<String> wanted, Consumer<ConsumerRecord<byte[], byte[]>> use) {
        Map<String, Object> connection = Map.of("bootstrap.servers", places.kafkaBootstrap());
        try (Admin admin = Admin.create(connection);
                KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                        new HashMap<>(connection), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = admin.listTopics().names().get().stream()
                    .filter(wanted)
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(use);
            }
        } catch (ExecutionException e) {
            throw new LocalException("Cannot read the topics", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while reading the topics", e);
        }
    }

    private void look(ConsumerRecord<byte[], byte[]> event, List<String> found) {
        String place = event.topic() + "-" + event.partition() + "@" + event.offset();
        look(place, text(event.key()), found);
        look(place, text(event.value()), found);
        for (Header header : event.headers()) {
            look(place + " " + header.key(), text(header.value()), found);
        }
    }

    /** What was found in the rows of all tables of all schemas, where bytes are looked at as bytes. */
    public List<String> inPostgres() {
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(places.database());
                Statement statement = connection.createStatement()) {
            for (String table : tables(statement)) {
                try (ResultSet rows = statement.executeQuery("select t::text from " + table + " t")) {
                    while (rows.next()) {
                        look("table " + table, rows.getString(1), found);
                    }
                }
            }
        } catch (SQLException e) {
            throw new LocalException("Cannot read the database: " + e.getMessage(), e);
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

    private void look(String place, String text, List<String> found) {
        secrets.forEach((name, secret) -> {
            if (text.contains(secret) || text.contains(hex(secret))) {
                found.add(place + " has " + name);
            }
        });
        Set<String> kinds = new TreeSet<>();
        tell(text, kinds);
        Matcher bytes = BYTES.matcher(text);
        while (bytes.find()) {
            int whole = bytes.end() - (bytes.end() - bytes.start()) % 2;
            byte[] shown = HexFormat.of().parseHex(text, bytes.start(), whole);
            tell(new String(shown, StandardCharsets.ISO_8859_1), kinds);
        }
        kinds.forEach(kind -> found.add(place + " has " + kind));
    }

    private void tell(String text, Set<String> kinds) {
        FROM_ENTRA.forEach((kind, looks) -> {
            if (looks.matcher(text).find()) {
                kinds.add(kind);
            }
        });
        if (holdsPortalKey(text)) {
            kinds.add(PORTAL_KEY);
        }
    }

    private boolean holdsPortalKey(String text) {
        Matcher candidates = MAY_HOLD_A_KEY.matcher(text);
        while (candidates.find()) {
            String candidate = candidates.group();
            // No key of 256 random bits consists of hexadecimal digits alone, and long bytes would take long.
            int windows = ONLY_HEX.matcher(candidate).matches() ? 0 : candidate.length() - KEY_LENGTH + 1;
            for (int i = 0; i < windows; i++) {
                if (isPortalKey(candidate.substring(i, i + KEY_LENGTH))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
