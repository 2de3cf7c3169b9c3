package org.m365connector.graphproxy.account;

import java.util.List;
import java.util.Optional;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Narrowed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;

/**
 * The account that a call runs as.
 *
 * @param state what is known of it; empty where nobody has signed in yet, or the news has not arrived
 * @param available every account that the caller may name
 * @param narrowed what the assignment leaves of all that the account could do
 * @param assignments version of the record on {@code m365.assignments} that says so; empty where a service acts for the portal itself
 * @param rule which assignment that record obeys, where it says so
 */
public record ActingAccount(
        PortalId portal,
        RegistrationName registration,
        AccountId id,
        Optional<AccountRecord> state,
        List<AccountName> available,
        Narrowed narrowed,
        Optional<Long> assignments,
        Optional<DecidingRule> rule) {

    public ActingAccount {
        available = List.copyOf(available);
    }

    public ActingAccount(
            PortalId portal,
            RegistrationName registration,
            AccountId id,
            Optional<AccountRecord> state,
            List<AccountName> available,
            Narrowed narrowed) {
        this(portal, registration, id, state, available, narrowed, Optional.empty(), Optional.empty());
    }

    /** As on {@code m365.accounts}. */
    public String key() {
        return AccountRecord.key(portal, registration, id);
    }

    /** As on {@code m365.registrations}. */
    public String registrationKey() {
        return RegistrationRecord.key(portal, registration);
    }

    /** As records and figures say how one signs in to it. */
    public String kindName() {
        return switch (id.loginMode()) {
            case BROWSER -> "browser";
            case STATIC -> "static";
            case SERVICE -> "service";
        };
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
