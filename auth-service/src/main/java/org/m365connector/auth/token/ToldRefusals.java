package org.m365connector.auth.token;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.AccountService;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.entra.GrantedPermissions;
import org.m365connector.auth.registration.AppAttentions;
import org.m365connector.events.LoginMode;

/** Tells accounts and people what comes of asking Entra. */
@ApplicationScoped
class ToldRefusals implements TokenIssue.Refusals {

    private final AccountService accounts;
    private final AppAttentions apps;
    private final TokenStore store;

    ToldRefusals(AccountService accounts, AppAttentions apps, TokenStore store) {
        this.accounts = accounts;
        this.apps = apps;
        this.store = store;
    }

    @Override
    public boolean refused(TokenIssue.StoredRefusal refusal) {
        return accounts.refused(
                refusal.before().accountId(),
                refusal.before().generation(),
                refusal.state(),
                refusal.reason(),
                refusal.code(),
                refusal.claims(),
                () -> store.isStill(refusal.lease(), refusal.before()));
    }

    @Override
    public void misconfigured(AccountKey key) {
        apps.refused(key.portal(), key.registration());
    }

    @Override
    public void granted(AccountKey key, Grant.Granted tokens) {
        Optional<Set<String>> roles = key.account().loginMode() == LoginMode.SERVICE
                ? GrantedPermissions.roles(tokens.accessToken())
                : Optional.empty();
        roles.ifPresentOrElse(
                names -> apps.issued(key.portal(), key.registration(), names),
                () -> apps.accepted(key.portal(), key.registration()));
    }
}
