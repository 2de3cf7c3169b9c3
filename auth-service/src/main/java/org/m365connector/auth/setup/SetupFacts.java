package org.m365connector.auth.setup;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.Accounts;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.token.TokenStore;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** What the database knows; each a transaction of its own, so that none is open while Entra is asked. */
@ApplicationScoped
class SetupFacts {

    private final Registrations registrations;
    private final Accounts accounts;
    private final TokenStore tokens;

    SetupFacts(Registrations registrations, Accounts accounts, TokenStore tokens) {
        this.registrations = registrations;
        this.accounts = accounts;
        this.tokens = tokens;
    }

    @Transactional
    EntraApp app(PortalId portal, RegistrationName name) {
        return registrations.app(registrations.get(portal, name));
    }

    @Transactional
    List<AccountId> staticAccounts(PortalId portal, RegistrationName name) {
        return accounts.staticIds(registrations.get(portal, name));
    }

    /** The delegated permissions that Entra granted with the account's last token; empty where it did not say. */
    Optional<Set<String>> grantedScopes(PortalId portal, RegistrationName name, AccountId account) {
        return tokens.grantedScopes(new AccountKey(portal, name, account)).map(scopes -> Set.of(scopes.split(" ", -1)));
    }

    @Transactional
    boolean hasSomebodySignedIn(PortalId portal, RegistrationName name) {
        return accounts.anybodySignedIn(registrations.get(portal, name));
    }
}
