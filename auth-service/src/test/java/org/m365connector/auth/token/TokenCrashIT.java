package org.m365connector.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.Leaks;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.vault.Keygen;
import org.m365connector.auth.vault.Reencryption;
import org.m365connector.auth.vault.Vault;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * Processes that renew tokens, and seal values anew for a vault key that is changing, are killed with SIGKILL. Half of them die
 * exactly between Entra's answer and the write, half at a moment that chance picks; two are always at work. {@code bench/run tokens}
 * kills the packaged service 200 times.
 */
@QuarkusTest
class TokenCrashIT extends AuthIT {

    private static final int KILLS = 10;
    private static final int PEOPLE = 4;
    /** A JVM starts in a second, but not on a machine that has other things to do. */
    private static final Duration START = Duration.ofMinutes(3);

    @Inject
    DataSource database;

    @Inject
    RegisteredApps apps;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String jdbcUrl;

    @ConfigProperty(name = "quarkus.datasource.username")
    String jdbcUser;

    @ConfigProperty(name = "quarkus.datasource.password")
    String jdbcPassword;

    @ConfigProperty(name = "m365.vault.keyset")
    String keyset;

    private final Random random = new Random();
    private final List<PortalUser> people = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();

    private record Replica(Process process, Path output, String lastWords, int times) {

        boolean isDue() throws IOException {
            assertThat(process.isAlive()).as(output.toString()).isTrue();
            return Files.readAllLines(output).stream().filter(lastWords::equals).count() >= times;
        }
    }

    @AfterEach
    void end() {
        replicas.forEach(replica -> replica.process().destroyForcibly());
    }

    @Test
    void tenKillsInTheMiddleLoseNoAccountAndShowNoToken() throws Exception {
        onboard();
        register();
        for (int i = 0; i < PEOPLE; i++) {
            people.add(newUser());
            signIn(loginUrl(people.get(i), Seed.BEN), Seed.BEN);
            renewal(people.get(i)).statusCode(200);
        }
        Vault onlyNew = Vault.of(Keygen.retire(Keygen.promote(keyset)));
        TokenStore newStore = new TokenStore(database, onlyNew, clock());
        keys().forEach(key ->
                assertThat(newStore.read(key).orElseThrow().refreshToken()).isEmpty());

        Deque<Replica> alive = new ArrayDeque<>();
        alive.add(start(0));
        for (int kill = 0; kill < KILLS; kill++) {
            alive.add(start(kill + 1));
            Replica victim = alive.remove();
            await().atMost(START).until(victim::isDue);
            victim.process().destroyForcibly().waitFor();
        }
        Replica last = alive.remove();
        await().atMost(START).until(last::isDue);
        last.process().destroyForcibly().waitFor();

        // Whatever was not sealed anew yet is sealed by whoever comes next, and the key of before is not needed any
        // more.
        Reencryption reencryption = new Reencryption(database, Vault.of(Keygen.promote(keyset)));
        await().atMost(PATIENCE).until(() -> {
            reencryption.pass(Runnable::run);
            return keys().stream()
                    .map(key -> newStore.read(key).orElseThrow())
                    .allMatch(stored -> stored.refreshToken().isPresent()
                            && stored.previousRefreshToken().isPresent()
                            && stored.access().isPresent());
        });
        for (PortalUser person : people) {
            await().atMost(START).until(() -> renewal(person).extract().statusCode() == 200);
            assertThat(state(person)).isEqualTo("ready");
        }
        assertThat(outputs()).doesNotContain("refused", "Exception in thread");
        Leaks leaks = new Leaks(database, this::records, portal);
        Map<String, String> secrets = new LinkedHashMap<>();
        for (AccountKey key : keys()) {
            // The replica that stayed has written these, with the key of before.
            StoredTokens stored = new TokenStore(database, Vault.of(keyset), clock())
                    .read(key)
                    .orElseThrow();
            secrets.put("refresh token of " + key, stored.refreshToken().orElseThrow());
            secrets.put(
                    "refresh token before of " + key,
                    stored.previousRefreshToken().orElseThrow());
            secrets.put("access token of " + key, stored.access().orElseThrow().accessToken());
        }
        secrets.put("client secret", Seed.CLIENT_SECRET);
        secrets.put("keyset", keyset);
        leaks.place("output of the killed", outputs());
        leaks.assertNoneOf(secrets);
    }

    private io.restassured.response.ValidatableResponse renewal(PortalUser person) {
        return token(Map.of(
                "portal",
                portal.value(),
                "registration",
                REGISTRATION,
                "account",
                "user:" + person,
                "claims",
                ReplicaToKill.CLAIMS));
    }

    private List<AccountKey> keys() {
        return people.stream()
                .map(person -> new AccountKey(portal, new RegistrationName(REGISTRATION), AccountId.ofUser(person)))
                .toList();
    }

    /** Every second one holds still between Entra's answer and the write; the others die after some tokens. */
    private Replica start(int number) throws IOException {
        boolean holdStill = number % 2 == 0;
        Path output = Path.of("target", "token-crash-" + number + ".log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReplicaToKill.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "JDBC_URL", jdbcUrl,
                        "JDBC_USER", jdbcUser,
                        "JDBC_PASSWORD", jdbcPassword,
                        "KEYSET", Keygen.promote(keyset),
                        "AUTHORITY", entra.base(),
                        "PORTAL", portal.value(),
                        "REGISTRATION", REGISTRATION,
                        "ACCOUNTS",
                                String.join(
                                        ",",
                                        people.stream()
                                                .map(person -> "user:" + person)
                                                .toList()),
                        "SCOPES", apps.of(keys().get(0)).scopes(),
                        "HOLD_STILL", Boolean.toString(holdStill)));
        Replica replica = new Replica(
                builder.start(), output, holdStill ? "answered" : "renewed", holdStill ? 1 : 1 + random.nextInt(20));
        replicas.add(replica);
        return replica;
    }

    private String outputs() {
        StringBuilder all = new StringBuilder();
        for (Replica replica : replicas) {
            try {
                all.append(Files.readString(replica.output()));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
        return all.toString();
    }
}
