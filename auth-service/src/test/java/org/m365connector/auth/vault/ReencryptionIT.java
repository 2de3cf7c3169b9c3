package org.m365connector.auth.vault;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.EmulatorTestResource;
import org.m365connector.auth.QuietJobs;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;

/**
 * The vault's key changes. The service that runs here is a replica in the middle of it: it has the new key, but seals with the old
 * one still. A second vault over the same database is the replica that has been exchanged already.
 */
@QuarkusTest
class ReencryptionIT extends AuthIT {

    @Inject
    DataSource database;

    @Inject
    Vault old;

    @Inject
    QuietJobs jobs;

    @ConfigProperty(name = "m365.vault.keyset")
    String keyset;

    private Vault promoted;
    private Vault onlyNew;
    private Reencryption reencryption;

    /** A row of this test's portal. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Value(SealedColumn column, Object rowKey, Place place, byte[] sealed) {}

    @BeforeEach
    void vaults() {
        promoted = Vault.of(Keygen.promote(keyset));
        onlyNew = Vault.of(Keygen.retire(Keygen.promote(keyset)));
        reencryption = new Reencryption(database, promoted);
    }

    @Test
    void everyEncryptedColumnIsSealedAnewAndOpensWithTheNewKeyAlone() {
        fillEveryColumn();
        List<Value> before = values(old);
        assertThat(before).extracting(Value::column).contains(SealedColumn.values());

        // A batch at a time, as if the process died after each and another went on.
        await().atMost(PATIENCE).until(() -> {
            reencryption.pass(Runnable::run);
            return values(old).isEmpty();
        });

        List<Value> after = values(promoted);
        assertThat(after).extracting(Value::column).contains(SealedColumn.values());
        assertThat(after).allSatisfy(value -> {
            assertThat(onlyNew.open(value.place(), value.sealed())).isNotEmpty();
            assertThat(old.hasKeyOf(value.sealed())).isTrue();
        });
        // The replica with the keyset of before goes on with what was sealed anew.
        token("user:" + ben).statusCode(200);
        token(claims()).statusCode(200);
    }

    @Test
    void noEncryptedColumnOfTheSchemaIsForgotten() throws SQLException {
        List<String> bytes = new ArrayList<>();
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        select table_name || '.' || column_name from information_schema.columns
                        where table_schema = current_schema() and data_type = 'bytea'
                          and table_name not like 'outbox%' and table_name not like 'inbox%'
                          and column_name not like '%\\_hash'""");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                bytes.add(row.getString(1));
            }
        }

        assertThat(bytes)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(SealedColumn.values())
                        .map(SealedColumn::qualifiedName)
                        .toList());
    }

    @Test
    void aKeysetThatWasReplacedAndNotExtendedIsRefusedBeforeItDoesHarm() {
        KeyHistory replaced = new KeyHistory(database, Vault.of(Keygen.newKeyset()), clock());

        assertThatThrownBy(replaced::remember)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("replaced, not extended");
    }

    @Test
    void aWrongKeysetIsRefusedAlsoWhereNoKeyIsKnownYet() throws SQLException {
        // Given a database from before the keys were remembered
        onboard();
        register();
        execute("delete from vault_key");

        // When it is opened with another keyset, then that is refused and not remembered
        KeyHistory replaced = new KeyHistory(database, Vault.of(Keygen.newKeyset()), clock());
        KeyHistory right = new KeyHistory(database, old, clock());
        try {
            assertThatThrownBy(replaced::remember)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("replaced, not extended");
        } finally {
            right.remember();
        }

        // And the right one goes on
        right.remember();
        token("service").statusCode(200);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.executeUpdate();
        }
    }

    @Test
    void whatSomebodyElseWritesMeanwhileStays() throws Exception {
        onboard();
        register();
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        Value value = only(SealedColumn.REFRESH_TOKEN);
        byte[] newer = old.seal(value.place(), "newer");
        CompletableFuture<Void> pass;
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(SealedColumn.REFRESH_TOKEN.replace())) {
                statement.setBytes(1, newer);
                statement.setObject(2, value.rowKey());
                statement.setBytes(3, value.sealed());
                assertThat(statement.executeUpdate()).isEqualTo(1);
            }
            // It has read the value from before, and waits for the row.
            pass = CompletableFuture.runAsync(() -> reencryption.pass(Runnable::run));
            await().atMost(PATIENCE).until(this::somebodyWaitsForARow);
            connection.commit();
            connection.setAutoCommit(true);
        }
        pass.get(1, TimeUnit.MINUTES);

        assertThat(only(SealedColumn.REFRESH_TOKEN).sealed()).isEqualTo(newer);
    }

    @Test
    void aReplicaWithTheKeysetOfBeforeUndoesNothing() {
        onboard();
        register();
        await().atMost(PATIENCE).until(() -> {
            reencryption.pass(Runnable::run);
            return values(old).isEmpty();
        });

        new Reencryption(database, old).pass(Runnable::run);

        assertThat(values(old)).isEmpty();
    }

    @Test
    void whatDoesNotOpenIsToldAndDoesNotKeepTheOthersUp() throws SQLException, IOException {
        onboard();
        register();
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        Value access = only(SealedColumn.ACCESS_TOKEN);
        Value refresh = only(SealedColumn.REFRESH_TOKEN);
        replace(access, refresh.sealed());
        try {
            await().atMost(PATIENCE).until(() -> {
                reencryption.pass(Runnable::run);
                return values(old).size() == 1;
            });

            assertThat(only(SealedColumn.ACCESS_TOKEN).sealed()).isEqualTo(refresh.sealed());
            assertThat(log())
                    .contains("Sealed value does not open column=account_token.access_token row=" + access.rowKey());
        } finally {
            replace(only(SealedColumn.ACCESS_TOKEN), access.sealed());
        }
    }

    @Test
    void theJobDoesItAndTellsWhenItIsDone() throws IOException {
        onboard();
        register();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        VaultJob job = new VaultJob(
                reencryption, new KeyHistory(database, promoted, clock()), promoted, jobs, clock(), meters);

        // The other replica may seal something at any moment; then it is not done yet.
        await().atMost(PATIENCE).until(() -> {
            job.look();
            return values(meters, "older") == 0;
        });

        assertThat(values(old)).isEmpty();
        assertThat(values(meters, "primary")).isPositive();
        assertThat(log()).contains("Vault re-encryption done primary=" + promoted.primary());
    }

    @Test
    void aKeyThatIsRetiredTooEarlyIsToldWithWhatItWouldOpen() throws IOException {
        onboard();
        register();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        VaultJob job = new VaultJob(
                new Reencryption(database, onlyNew),
                new KeyHistory(database, onlyNew, clock()),
                onlyNew,
                jobs,
                clock(),
                meters);

        job.look();

        assertThat(values(meters, "missing")).isPositive();
        assertThat(log())
                .contains("Vault key missing, values cannot be opened keys=[")
                .contains("Vault key missing for column=credential.sealed row=");
    }

    @Test
    void theAdministratorSeesHowFarItIs() {
        onboard();
        register();

        JsonPath seen = asAdmin()
                .get("/api/vault")
                .then()
                .statusCode(200)
                .body("keys.find { it.state == 'primary' }.values", greaterThan(0))
                .body("keys.find { it.state == 'primary' }.columns.'credential.sealed'", greaterThan(0))
                .body("keys.state", hasItem("newer"))
                .body("remaining", equalTo(0))
                .extract()
                .jsonPath();
        assertThat(seen.getLong("primary")).isEqualTo(old.primary().value());
        assertThat(seen.getLong("keys.find { it.state == 'newer' }.id"))
                .isEqualTo(promoted.primary().value());
        VaultView begun = reencryption.count();
        assertThat(begun.primary()).isEqualTo(promoted.primary());
        assertThat(begun.remaining()).isPositive();
        assertThat(begun.done()).isFalse();
        VaultView tooEarly = new Reencryption(database, onlyNew).count();
        assertThat(tooEarly.missing())
                .isEqualTo(tooEarly.values(KeyState.MISSING))
                .isPositive();
        assertThat(tooEarly.missingKeys()).contains(old.primary());
        assertThat(tooEarly.lost())
                .isNotEmpty()
                .allSatisfy(lost -> assertThat(lost.portal()).startsWith("p"))
                .extracting(VaultView.Lost::column)
                .contains("credential.sealed");

        asService().get("/api/vault").then().statusCode(403);
        given().get("/api/vault").then().statusCode(401);
        assertThat(given().get("/q/metrics").asString()).contains("m365_vault_values{key=\"missing\"");
    }

    /** Something in every column that the vault seals. */
    private void fillEveryColumn() {
        onboard();
        register();
        signIn(loginUrl(ben, Seed.BEN), Seed.BEN);
        // A second refresh token makes the first one the previous.
        token(claims()).statusCode(200);
        loginUrl(ada, Seed.ADA);
        FormBrowser.stoppingAt(uri -> uri.toString().startsWith(entra.base())).open(loginUrl(ada, Seed.ADA));
        asAdmin().get(registrationPath("/setup")).then().statusCode(200);
        asAdmin()
                .body(Map.of("name", "bot", "upn", Seed.PORTAL))
                .post(registrationPath("/accounts"))
                .then()
                .statusCode(201);
        asAdmin()
                .body(Map.of("method", "device"))
                .post(registrationPath("/accounts/bot/logins"))
                .then()
                .statusCode(201);
    }

    private Map<String, Object> claims() {
        return Map.of(
                "portal",
                portal.value(),
                "registration",
                REGISTRATION,
                "account",
                "user:" + ben,
                "claims",
                "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}");
    }

    /** What of this portal is sealed by the primary key of that vault. */
    private List<Value> values(Vault vault) {
        List<Value> found = new ArrayList<>();
        try (Connection connection = database.getConnection()) {
            for (SealedColumn column : SealedColumn.values()) {
                try (PreparedStatement statement = connection.prepareStatement(column.selectSealedBy())) {
                    statement.setArray(1, connection.createArrayOf("bytea", new byte[][] {
                        vault.primary().prefix()
                    }));
                    statement.setObject(2, column.beforeFirst());
                    statement.setInt(3, Integer.MAX_VALUE);
                    try (ResultSet row = statement.executeQuery()) {
                        while (row.next()) {
                            Object rowKey = row.getObject(1);
                            if (row.getString(2).equals(portal.value())) {
                                found.add(new Value(
                                        column,
                                        rowKey,
                                        column.place(row.getString(2), row.getString(3), row.getString(4), rowKey),
                                        row.getBytes(5)));
                            }
                        }
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return found;
    }

    private Value only(SealedColumn column) {
        List<Value> found = new ArrayList<>(values(old));
        found.addAll(values(promoted));
        found.removeIf(value -> value.column() != column);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private void replace(Value value, byte[] with) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement(value.column().replace())) {
            statement.setBytes(1, with);
            statement.setObject(2, value.rowKey());
            statement.setBytes(3, value.sealed());
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    private boolean somebodyWaitsForARow() throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                                + " and query like 'update account_token set refresh_token%'");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1) > 0;
        }
    }

    private static double values(SimpleMeterRegistry meters, String key) {
        return meters.get("m365.vault.values").tag("key", key).gauge().value();
    }

    private static String log() throws IOException {
        return Files.readString(Path.of(EmulatorTestResource.LOG_FILE));
    }
}
