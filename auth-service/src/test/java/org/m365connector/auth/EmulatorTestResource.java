package org.m365connector.auth;

import static java.util.Map.entry;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.m365connector.auth.vault.Keygen;
import org.m365connector.backends.Ports;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;

/** Entra ID from the emulator, a vault key, and a port that is known before the start: it is part of the redirect URI. */
public final class EmulatorTestResource implements QuarkusTestResourceLifecycleManager {

    /** Everything the service logs, for the test that looks for secrets in it. */
    public static final String LOG_FILE = "target/auth-it.log";

    /** Where the tokens of clusters are laid down. */
    public static final Path TOKEN_DIRECTORY = Path.of("target", "tokens").toAbsolutePath();

    /** The database outlives the application, and so must its key. No system property: those stand in the tests' reports. */
    private static final Path KEYSET = Path.of("target", "auth-it.keyset");

    /** Of each topic of a portal. */
    public static final int PARTITIONS = 2;

    private Emulator emulator;

    @Override
    public Map<String, String> start() {
        int port = Ports.free();
        // Entra's brake on a client in a loop would stop the tests that renew as fast as they can.
        emulator = Emulator.start(EmulatorOptions.defaults()
                .withLimit("entra.devicePollSeconds", 1)
                .withLimit("entra.sameRefreshes.count", 1_000_000));
        return Map.ofEntries(
                entry("quarkus.http.test-port", Integer.toString(port)),
                entry("m365.public.login-url", "http://localhost:" + port),
                entry("m365.entra.authority", emulator.httpBase()),
                entry("m365.entra.timeout", "3S"),
                entry("m365.tokens.lease", "7S"),
                entry("m365.login.consent-look", "1S"),
                entry("m365.graph.base-url", emulator.httpBase()),
                // A portal for every test makes many topics: with as many partitions as in production the broker is
                // slow with them.
                entry("m365.topics.partitions", Integer.toString(PARTITIONS)),
                // A portal's topic of users is found at once, and not within the five seconds that do for people.
                entry("mp.messaging.incoming.users.metadata.max.age.ms", "500"),
                entry("m365.vault.keyset", keyset()),
                entry("quarkus.log.file.enabled", "true"),
                entry("quarkus.log.file.path", LOG_FILE),
                entry("quarkus.log.category.\"org.m365connector\".level", "DEBUG"),
                entry("m365.credentials.token-directory", TOKEN_DIRECTORY.toString()),
                // A cloud for the test that starts somebody else's OpenID provider.
                entry("m365.clouds.witness.authority", "http://localhost:" + Ports.free()),
                entry("m365.clouds.witness.graph-base-url", "https://graph.microsoft.com"));
    }

    @Override
    public void stop() {
        if (emulator != null) {
            emulator.close();
        }
    }

    /** As between the two roll-outs that change the key: the second key opens, but does not seal yet. */
    private static String keyset() {
        try {
            if (!Files.exists(KEYSET)) {
                Files.writeString(KEYSET, Keygen.add(Keygen.newKeyset()));
            }
            return Files.readString(KEYSET);
        } catch (IOException e) {
            throw new IllegalStateException("cannot keep the keyset of the tests", e);
        }
    }
}
