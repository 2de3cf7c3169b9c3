package org.m365connector.assignment.explanation;

import java.util.List;
import java.util.Optional;
import org.m365connector.assignment.assignment.Rule;
import org.m365connector.events.AccountName;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalUser;

/**
 * Which account would act, and why.
 *
 * @param account the account that would act; missing where none would
 * @param rule the assignment that decides; missing where none applies
 * @param overridden assignments that apply too but are less specific
 * @param available all accounts that may be named
 * @param problem the slug that a call would be refused with: {@code portal-user-unknown}, {@code not-assigned},
 *     {@code account-not-assigned}, or {@code not-entitled} for the whole portal, whatever has been assigned
 */
record Explanation(
        PortalUser portalUser,
        Optional<AccountName> account,
        Optional<LoginMode> loginMode,
        Optional<Rule> rule,
        List<Rule> overridden,
        List<AccountName> available,
        Optional<String> problem) {

    static Explanation of(PortalUser user, Optional<AccountName> named, Optional<List<Rule>> applying) {
        var rules = applying.orElse(List.of());
        var rule = rules.stream().findFirst();
        var available = rule.map(deciding -> deciding.accounts().names()).orElse(List.of());
        var acting = rule.map(deciding -> named.orElse(deciding.accounts().preferred()))
                .filter(available::contains);
        return new Explanation(
                user,
                acting,
                acting.map(AccountName::loginMode),
                rule,
                rules.stream().skip(1).toList(),
                available,
                acting.isPresent() ? Optional.empty() : Optional.of(problem(applying, rule)));
    }

    /** The same, of a portal that may nothing at present. */
    Explanation notEntitled() {
        return new Explanation(
                portalUser, account, loginMode, rule, overridden, available, Optional.of("not-entitled"));
    }

    private static String problem(Optional<List<Rule>> applying, Optional<Rule> rule) {
        if (applying.isEmpty()) {
            return "portal-user-unknown";
        }
        return rule.isEmpty() ? "not-assigned" : "account-not-assigned";
    }
}
