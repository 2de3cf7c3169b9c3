package org.m365connector.auth.login;

import java.util.Optional;

/** What Entra may show ({@code prompt} of OpenID Connect Core 3.1.2.1). */
enum Prompt {
    /** Nothing: either somebody is signed in at Microsoft already, or we hear that nobody is. */
    NOTHING(Optional.of("none")),
    /** What it needs. */
    AS_NEEDED(Optional.empty()),
    /** The choice of accounts in any case. */
    CHOICE(Optional.of("select_account"));

    private final Optional<String> value;

    Prompt(Optional<String> value) {
        this.value = value;
    }

    Optional<String> value() {
        return value;
    }
}
