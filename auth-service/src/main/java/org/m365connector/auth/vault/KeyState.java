package org.m365connector.auth.vault;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a key that has sealed something is to this process. */
public enum KeyState {
    /** It seals. */
    PRIMARY,
    /** It opens only; what it has sealed is sealed anew. */
    OLDER,
    /** It opens only, and seals after the next roll-out. */
    NEWER,
    /** It is not in the keyset, so what it has sealed cannot be opened. */
    MISSING;

    static KeyState of(KeyId key, Vault vault) {
        if (key.equals(vault.primary())) {
            return PRIMARY;
        }
        if (!vault.keys().contains(key)) {
            return MISSING;
        }
        return vault.olderKeys().contains(key) ? OLDER : NEWER;
    }

    @JsonValue
    public String slug() {
        return name().toLowerCase(Locale.ROOT);
    }
}
