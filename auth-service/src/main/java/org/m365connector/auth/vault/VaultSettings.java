package org.m365connector.auth.vault;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** The key of all keys. One of the two must be there, or the service does not start. */
@ConfigMapping(prefix = "m365.vault")
interface VaultSettings {

    /** Tink's JSON keyset, or its base64url form as {@code ./run keygen} prints it. */
    Optional<String> keyset();

    /** File with the same content. */
    Optional<Path> keysetFile();
}
