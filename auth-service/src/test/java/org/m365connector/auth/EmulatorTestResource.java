package org.m365connector.auth;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Map;
import org.m365connector.auth.vault.Keygen;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;

/** Entra ID from the emulator, a vault key, and a port that is known before the start: it is part of the redirect URI. */
public final class EmulatorTestResource implements QuarkusTestResourceLifecycleManager {

    /** Everything the service logs, for the test that looks for secrets in it. */
    public static final String LOG_FILE = "target/auth-it.log";

    private Emulator emulator;

    @Override
    public Map<String, String> start() {
        int port = freePort();
        emulator = Emulator.start(EmulatorOptions.defaults().withLimit("entra.devicePollSeconds", 1));
        return Map.of(
                "quarkus.http.test-port",
                Integer.toString(port),
                "m365.public.login-url",
                "http://localhost:" + port,
                "m365.entra.authority",
                emulator.httpBase(),
                "m365.entra.timeout",
                "3S",
                "m365.tokens.lease",
                "7S",
                "m365.graph.base-url",
                emulator.httpBase(),
                "m365.vault.keyset",
                Keygen.newKeyset(),
                "quarkus.log.file.enabled",
                "true",
                "quarkus.log.file.path",
                LOG_FILE,
                "quarkus.log.category.\"org.m365connector\".level",
                "DEBUG");
    }

    @Override
    public void stop() {
        if (emulator != null) {
            emulator.close();
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }
}
