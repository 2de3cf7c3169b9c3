package org.m365connector.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.CertificateOfTests;
import org.m365connector.auth.EmulatorTestResource;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.Topics;

/** Plays everything that has to do with secrets, then looks for them wherever they must not be. */
@QuarkusTest
class SecretsIT extends AuthIT {

    @Inject
    DataSource database;

    @Inject
    TokenStore store;

    @ConfigProperty(name = "m365.vault.keyset")
    String keyset;

    @Test
    void noSecretAndNoTokenIsInTheDatabaseTheLogTheEventsOrAProblem() throws IOException, SQLException {
        onboard();
        register();
        CertificateOfTests certificate = new CertificateOfTests();
        asAdmin()
                .body(Map.of(
                        "kind",
                        "certificate",
                        "pkcs12",
                        certificate.pkcs12("password-of-the-pfx"),
                        "password",
                        "password-of-the-pfx"))
                .post(registrationPath("/credentials"))
                .then()
                .statusCode(201);
        String ticket = lastPart(loginUrl(ben, Seed.BEN));
        String used = loginUrl(ben, Seed.BEN);
        signIn(used, Seed.BEN);
        String delegated = token("user:" + ben).statusCode(200).extract().path("accessToken");
        String appOnly = token("service").statusCode(200).extract().path("accessToken");
        AccountKey key = new AccountKey(portal, new RegistrationName(REGISTRATION), AccountId.ofUser(ben));
        StoredTokens stored = store.read(key).orElseThrow();
        // A failure as well: errors are where secrets like to get out.
        entra.app(Seed.CLIENT_ID, Map.of("secretExpired", true));
        String problem = token(Map.of(
                        "portal",
                        portal.value(),
                        "registration",
                        REGISTRATION,
                        "account",
                        "user:" + ben,
                        "claims",
                        "{}"))
                .statusCode(503)
                .extract()
                .asString();
        await().atMost(PATIENCE)
                .until(() -> types(Topics.logins(portal), ben.value()), List.of(LoginCompleted.TYPE)::equals);

        Map<String, String> secrets = new LinkedHashMap<>();
        secrets.put("client secret", Seed.CLIENT_SECRET);
        secrets.put("private key", certificate.keyText());
        secrets.put("password of the certificate", "password-of-the-pfx");
        secrets.put("portal key", portalKey);
        secrets.put("ticket", ticket);
        secrets.put("used ticket", lastPart(used));
        secrets.put("delegated access token", delegated);
        secrets.put("app-only access token", appOnly);
        secrets.put("refresh token", stored.refreshToken().orElseThrow());
        secrets.put("admin key", ADMIN_KEY);
        secrets.put("service key", SERVICE_KEY);
        secrets.put("vault keyset", keyset);

        Map<String, String> places = new LinkedHashMap<>();
        places.put("problem", problem);
        places.put("log", Files.readString(Path.of(EmulatorTestResource.LOG_FILE)));
        for (String topic : List.of(Topics.PORTALS, Topics.REGISTRATIONS, Topics.ACCOUNTS, Topics.logins(portal))) {
            places.put(topic, everythingOn(topic));
        }
        tables().forEach((table, rows) -> places.put("table " + table, rows));

        assertThat(places.get("table account_token")).isNotBlank();
        assertThat(places.get("log")).contains("Signed in");
        for (var secret : secrets.entrySet()) {
            String hex = HexFormat.of().formatHex(secret.getValue().getBytes(StandardCharsets.UTF_8));
            for (var place : places.entrySet()) {
                boolean found = place.getValue().contains(secret.getValue())
                        || place.getValue().contains(hex);
                assertThat(found)
                        .as("%s in %s", secret.getKey(), place.getKey())
                        .isFalse();
            }
        }
    }

    private String everythingOn(String topic) {
        StringBuilder all = new StringBuilder();
        for (ConsumerRecord<String, byte[]> record : records(topic)) {
            all.append(record.key()).append(text(record.value()));
            record.headers().forEach(header -> all.append(text(header.value())));
        }
        return all.toString();
    }

    private Map<String, String> tables() throws SQLException {
        Map<String, String> content = new LinkedHashMap<>();
        try (Connection connection = database.getConnection();
                var statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (var result = statement.executeQuery(
                    "select table_name from information_schema.tables where table_schema = current_schema()")) {
                while (result.next()) {
                    names.add(result.getString(1));
                }
            }
            for (String name : names) {
                StringBuilder rows = new StringBuilder();
                try (var result = statement.executeQuery("select t::text from \"" + name + "\" t")) {
                    while (result.next()) {
                        rows.append(result.getString(1)).append('\n');
                    }
                }
                content.put(name, rows.toString());
            }
        }
        assertThat(content).containsKeys("credential", "account_token", "ticket", "login_attempt", "outbox");
        return content;
    }

    private static String lastPart(String url) {
        return url.substring(url.lastIndexOf('/') + 1);
    }
}
