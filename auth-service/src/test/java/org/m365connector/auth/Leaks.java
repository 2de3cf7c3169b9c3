package org.m365connector.auth;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.Topics;

/**
 * Everything that the service leaves behind where others can read it: tables, events, log, metrics, the reports of the tests that are
 * over.
 */
public final class Leaks {

    /** Whatever looks like an access or an id token, also one that no test knows. */
    private static final Pattern TOKEN = Pattern.compile("eyJ[A-Za-z0-9_-]{20,}\\.eyJ[A-Za-z0-9_-]{20,}\\.");

    private static final Pattern GREEN =
            Pattern.compile("<testsuite [^>]*errors=\"0\" skipped=\"\\d+\" failures=\"0\"");

    private final Map<String, String> places = new LinkedHashMap<>();

    public Leaks(DataSource database, Function<String, List<ConsumerRecord<String, byte[]>>> records, PortalId portal) {
        tables(database);
        for (String topic : List.of(Topics.PORTALS, Topics.REGISTRATIONS, Topics.ACCOUNTS, Topics.logins(portal))) {
            place(topic, text(records.apply(topic)));
        }
        place("metrics", given().get("/q/metrics").asString());
        place("log", read(Path.of(EmulatorTestResource.LOG_FILE)));
        reports();
        assertThat(places.get("table account_token")).isNotBlank();
        assertThat(places.get("log")).contains("Signed in");
        assertThat(places.get("metrics")).contains("m365_");
    }

    /** One more place to look into. */
    public void place(String name, String content) {
        places.put(name, content);
    }

    /** @param secrets by what they are called; found as they are, in hex and in base64 */
    public void assertNoneOf(Map<String, String> secrets) {
        places.forEach((place, content) -> {
            secrets.forEach((name, secret) -> assertThat(appearances(secret).anyMatch(content::contains))
                    .as("%s in %s", name, place)
                    .isFalse());
            assertThat(TOKEN.matcher(content).find()).as("a token in %s", place).isFalse();
        });
    }

    private static Stream<String> appearances(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                secret, HexFormat.of().formatHex(bytes), Base64.getEncoder().encodeToString(bytes));
    }

    private void reports() {
        for (String directory : List.of("surefire-reports", "failsafe-reports")) {
            Path reports = Path.of("target", directory);
            if (!Files.isDirectory(reports)) {
                continue;
            }
            try (Stream<Path> files = Files.list(reports)) {
                // A red test may show what it asked with.
                files.filter(file -> file.toString().endsWith(".xml"))
                        .filter(file -> GREEN.matcher(read(file)).find())
                        .forEach(file -> place(file.toString(), read(file)));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static String read(Path file) {
        try {
            // Whatever the bytes mean: secrets are ASCII.
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(List<ConsumerRecord<String, byte[]>> records) {
        StringBuilder all = new StringBuilder();
        for (ConsumerRecord<String, byte[]> record : records) {
            all.append(record.key()).append(AuthIT.text(record.value()));
            record.headers().forEach(header -> all.append(AuthIT.text(header.value())));
        }
        return all.toString();
    }

    private void tables(DataSource database) {
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (var result = statement.executeQuery(
                    "select table_name from information_schema.tables where table_schema = current_schema()")) {
                while (result.next()) {
                    names.add(result.getString(1));
                }
            }
            assertThat(names).contains("credential", "account_token", "ticket", "login_attempt", "outbox");
            for (String name : names) {
                StringBuilder rows = new StringBuilder();
                try (var result = statement.executeQuery("select t::text from \"" + name + "\" t")) {
                    while (result.next()) {
                        rows.append(result.getString(1)).append('\n');
                    }
                }
                place("table " + name, rows.toString());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
