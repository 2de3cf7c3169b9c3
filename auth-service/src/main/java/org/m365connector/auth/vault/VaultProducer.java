package org.m365connector.auth.vault;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens the vault when the service starts: without a key there is no start and no plaintext mode. Before everything else, so that
 * it is said at once and not after the patience with a Kafka that is away.
 */
@ApplicationScoped
class VaultProducer {

    @Produces
    @Singleton
    @Startup(Interceptor.Priority.PLATFORM_BEFORE)
    Vault vault(VaultSettings settings) {
        return Vault.of(settings.keyset()
                .filter(keyset -> !keyset.isBlank())
                .or(() -> settings.keysetFile().map(VaultProducer::read))
                .orElseThrow(() -> new IllegalStateException(
                        "no vault key: set M365_VAULT_KEYSET or M365_VAULT_KEYSET_FILE; make one with ./run keygen")));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read the vault's keyset file=" + file, e);
        }
    }
}
