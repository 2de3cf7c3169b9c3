package org.m365connector.auth.token;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.account.Account;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.Accounts;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.LoginMode;
import org.m365connector.problem.ProblemException;

/** The registrations of the database as token issue needs them. */
@ApplicationScoped
class RegisteredApps implements TokenIssue.Apps {

    private final Registrations registrations;

    private final Accounts accounts;

    RegisteredApps(Registrations registrations, Accounts accounts) {
        this.registrations = registrations;
        this.accounts = accounts;
    }

    @Override
    @Transactional
    public TokenIssue.LoginApp of(AccountKey key) {
        Registration registration = registrations.get(key.portal(), key.registration());
        if (registration.accountTypes() == AccountTypes.PERSONAL
                && key.account().loginMode() != LoginMode.BROWSER) {
            throw new ProblemException(AuthProblem.PERSONAL_BROWSER_ONLY, key.registration());
        }
        AccountType type = accounts.lookUp(key).flatMap(Account::type).orElse(AccountType.WORK);
        return new TokenIssue.LoginApp(registrations.app(registration), registration.scopes(type));
    }
}
