package org.m365connector.auth.token;

import jakarta.enterprise.inject.Vetoed;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.entra.ClientSecret;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.entra.EntraClients;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.vault.Reencryption;
import org.m365connector.auth.vault.Vault;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A process that renews tokens and seals values anew as fast as it can, until {@link TokenCrashIT} kills it. It says {@code renewed}
 * after each token, and {@code answered} where it holds still between Entra's answer and the write.
 */
final class ReplicaToKill {

    /** A challenge, so that no token from before is good enough: each question is a renewal. */
    static final String CLAIMS = "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}}}";

    private static final int CALLERS = 3;
    private static final int WRITES_BEFORE_THE_STILL_ONE = 2;

    private ReplicaToKill() {}

    public static void main(String[] args) {
        Clock clock = Clock.systemUTC();
        DataSource database = database();
        Vault vault = Vault.of(setting("KEYSET"));
        TokenStore store = Boolean.parseBoolean(setting("HOLD_STILL"))
                ? new StillStore(database, vault, clock)
                : new TokenStore(database, vault, clock);
        TokenIssue issue = replica("killed-" + ProcessHandle.current().pid(), store, clock);
        List<AccountKey> keys = accounts();
        for (int i = 0; i < CALLERS; i++) {
            new Thread(() -> renew(issue, keys)).start();
        }
        Reencryption reencryption = new Reencryption(database, vault);
        new Thread(() -> {
                    while (true) {
                        reencryption.pass(Runnable::run);
                        pause();
                    }
                })
                .start();
    }

    /** Passes that find nothing to do would take the processor from the next process, which is starting. */
    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException("woken up", e);
        }
    }

    private static void renew(TokenIssue issue, List<AccountKey> keys) {
        Random random = new Random();
        while (true) {
            AccountKey key = keys.get(random.nextInt(keys.size()));
            TokenAnswer answer = issue.issue(key, Duration.ofMinutes(1), Optional.of(CLAIMS));
            say(answer instanceof TokenAnswer.Issued ? "renewed" : "no token");
        }
    }

    private static TokenIssue replica(String name, TokenStore store, Clock clock) {
        EntraApp app = new EntraApp(
                setting("AUTHORITY"),
                Seed.TENANT_ID,
                Seed.CLIENT_ID,
                AccountTypes.BUSINESS,
                "https://graph.microsoft.com",
                List.of(new ClientSecret("secret", Seed.CLIENT_SECRET)));
        Duration timeout = Duration.ofMillis(1_400);
        return new TokenIssue(
                name,
                store,
                EntraClients.client(setting("AUTHORITY"), timeout, clock),
                key -> new TokenIssue.LoginApp(app, setting("SCOPES")),
                refusal -> {
                    say("refused " + refusal.reason());
                    return true;
                },
                (key, token) -> false,
                new Settings(Duration.ofSeconds(3)),
                Runnable::run,
                clock);
    }

    private static DataSource database() {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(setting("JDBC_URL"));
        database.setUser(setting("JDBC_USER"));
        database.setPassword(setting("JDBC_PASSWORD"));
        return database;
    }

    private static List<AccountKey> accounts() {
        return Stream.of(setting("ACCOUNTS").split(","))
                .map(account -> new AccountKey(
                        new PortalId(setting("PORTAL")),
                        new RegistrationName(setting("REGISTRATION")),
                        new AccountId(account)))
                .toList();
    }

    private static String setting(String name) {
        return System.getenv(name);
    }

    @SuppressWarnings("SystemOut")
    private static void say(String words) {
        System.out.println(words);
    }

    private record Settings(Duration lease) implements TokenSettings {
        @Override
        public Duration minimumTtl() {
            return Duration.ofMinutes(1);
        }

        @Override
        public Duration patience() {
            return Duration.ofSeconds(5);
        }

        @Override
        public Duration poll() {
            return Duration.ofMillis(20);
        }

        @Override
        public long mostInMemory() {
            return 1_000;
        }
    }

    /** Never writes what one of the renewals has brought: there the process is to be killed. */
    @Vetoed
    private static final class StillStore extends TokenStore {

        private final AtomicInteger writes = new AtomicInteger();

        StillStore(DataSource database, Vault vault, Clock clock) {
            super(database, vault, clock);
        }

        @Override
        boolean write(Lease lease, StoredTokens before, Optional<String> used, Grant.Granted tokens) {
            if (writes.getAndIncrement() == WRITES_BEFORE_THE_STILL_ONE) {
                say("answered");
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("woken up", e);
                }
            }
            return super.write(lease, before, used, tokens);
        }
    }
}
