package org.m365connector.auth.login;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** A device login as the API shows it. */
record DeviceLoginView(
        DeviceLogin.State status, Optional<String> reason, String userCode, String verificationUri, Instant expiresAt) {

    @JsonProperty("state")
    String state() {
        return status.name().toLowerCase(Locale.ROOT);
    }

    @JsonProperty("method")
    String method() {
        return "device";
    }
}
