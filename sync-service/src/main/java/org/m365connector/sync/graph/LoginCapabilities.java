package org.m365connector.sync.graph;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.m365connector.capability.Capabilities;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Operation;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountType;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.problem.ProblemException;
import org.m365connector.view.Views;

/**
 * What no login of that kind can do at Graph is refused before it is begun. graph-proxy-service holds every call against the
 * same table; here nothing waits, and no attempt is made, for what can never be.
 */
@ApplicationScoped
public class LoginCapabilities {
    private final Views views;
    private final Capabilities capabilities = new Capabilities();

    LoginCapabilities(Views views) {
        this.views = views;
    }

    /**
     * Only where the account is named: which one is the default may have changed a moment ago, and then the proxy knows better.
     *
     * @throws ProblemException {@code app-only-not-supported}, {@code personal-not-supported} or {@code
     *     delegated-not-supported}
     */
    public void require(Acting acting, Operation operation) {
        acting.account()
                .flatMap(account -> capabilities.impossible(operation, kind(acting, account)))
                .ifPresent(impossible -> {
                    throw impossible.refusal(available(acting));
                });
    }

    private LoginKind kind(Acting acting, AccountName account) {
        Optional<AccountType> type = accountId(acting, account)
                .flatMap(id -> views.accounts().get(AccountRecord.key(acting.portal(), acting.registration(), id)))
                .flatMap(AccountRecord::accountType);
        return LoginKind.of(account.loginMode(), type);
    }

    private static Optional<AccountId> accountId(Acting acting, AccountName account) {
        return switch (account.loginMode()) {
            case BROWSER -> acting.portalUser().map(AccountId::ofUser);
            case STATIC -> Optional.of(AccountId.ofStatic(account));
            case SERVICE -> Optional.of(AccountId.SERVICE);
        };
    }

    private List<AccountName> available(Acting acting) {
        return acting.portalUser()
                .flatMap(user ->
                        views.assignments().get(AssignmentsRecord.key(acting.portal(), acting.registration(), user)))
                .map(record -> record.accounts().stream()
                        .map(AssignmentsRecord.Account::account)
                        .toList())
                .orElse(List.of());
    }
}
