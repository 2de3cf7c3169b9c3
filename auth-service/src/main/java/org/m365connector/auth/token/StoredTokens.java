package org.m365connector.auth.token;

import java.util.Optional;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.events.AccountState;

/**
 * An account and its tokens as the database has them. The tokens are secrets: {@code toString} does not show them.
 *
 * @param revision rises with every write of the tokens; 0 before the first
 * @param previousRefreshToken the one before, until the present one has been used
 * @param publicClient the tokens came by device code
 * @param grantedScopes what Entra said that it granted last; empty where it did not say
 */
record StoredTokens(
        long accountId,
        AccountKey key,
        AccountState state,
        String reason,
        long generation,
        long revision,
        Optional<String> refreshToken,
        Optional<String> previousRefreshToken,
        Optional<TokenAnswer.Issued> access,
        boolean publicClient,
        Optional<String> grantedScopes) {

    @Override
    public String toString() {
        return "StoredTokens[key=" + key + ", generation=" + generation + ", revision=" + revision + "]";
    }
}
