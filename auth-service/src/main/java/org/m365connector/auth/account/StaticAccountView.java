package org.m365connector.auth.account;

import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountState;

/**
 * A static account as the API shows it.
 *
 * @param upn who is expected, or who has signed in
 */
record StaticAccountView(
        AccountName name,
        Optional<String> upn,
        AccountState state,
        Optional<String> reason,
        long generation,
        Instant changedAt) {

    static StaticAccountView of(Account account) {
        return new StaticAccountView(
                account.key().account().name(),
                account.expectedName(),
                account.state(),
                account.reason(),
                account.generation(),
                account.changedAt());
    }
}
