package org.m365connector.graphproxy.account;

import java.util.List;
import java.util.Optional;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Narrowed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * The account that a call runs as.
 *
 * @param state what is known of it; empty where nobody has signed in yet, or the news has not arrived
 * @param available every account that the caller may name
 * @param narrowed what the assignment leaves of all that the account could do
 */
public record ActingAccount(
        PortalId portal,
        RegistrationName registration,
        AccountId id,
        Optional<AccountRecord> state,
        List<AccountName> available,
        Narrowed narrowed) {

    public ActingAccount {
        available = List.copyOf(available);
    }

    /** As on {@code m365.accounts}. */
    public String key() {
        return AccountRecord.key(portal, registration, id);
    }

    /**
     * The oldest generation whose tokens may be used. Where the account is known not to be ready, only a token newer than that
     * knowledge will do.
     */
    public long oldestGeneration() {
        return state.map(record -> record.state() == AccountState.READY ? record.generation() : record.generation() + 1)
                .orElse(0L);
    }

    /** Whether a token of that generation may be used. */
    public boolean accepts(long generation) {
        return generation >= oldestGeneration();
    }

    public LoginKind kind() {
        return LoginKind.of(id.loginMode(), state.flatMap(AccountRecord::accountType));
    }
}
