package org.m365connector.auth.setup;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.auth.account.Account;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.Accounts;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.token.TokenStore;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountType;
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
        return tokens.grantedScopes(new AccountKey(portal, name, account)).map(SetupFacts::words);
    }

    /** The delegated permissions that Entra granted with the newest token of anybody of that kind. */
    Optional<Set<String>> lastGrantedScopes(PortalId portal, RegistrationName name, AccountType type) {
        return tokens.lastGrantedScopes(portal, name, type).map(SetupFacts::words);
    }

    private static Set<String> words(String scopes) {
        return Arrays.stream(scopes.split(" ", -1)).collect(Collectors.toUnmodifiableSet());
    }

    @Transactional
    boolean isPersonal(PortalId portal, RegistrationName name, AccountId account) {
        return accounts.lookUp(new AccountKey(portal, name, account))
                .flatMap(Account::type)
                .filter(type -> type == AccountType.PERSONAL)
                .isPresent();
    }

    @Transactional
    boolean hasSomebodySignedIn(PortalId portal, RegistrationName name) {
        return accounts.anybodySignedIn(registrations.get(portal, name));
    }
}
