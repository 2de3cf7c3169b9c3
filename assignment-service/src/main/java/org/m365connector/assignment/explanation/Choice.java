package org.m365connector.assignment.explanation;

import java.util.List;
import java.util.Optional;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.Narrowing;

/**
 * Which account a call would run as.
 *
 * @param account missing where none would act
 * @param available all accounts that may be named
 * @param narrowing what the assignment leaves of that account's power; missing where it leaves all
 * @param problem the slug that every call would be refused with; missing where one acts
 */
record Choice(
        Optional<AccountName> account,
        List<AccountName> available,
        Optional<Narrowing> narrowing,
        Optional<String> problem) {
    /**
     * @param accounts of the portal user, as in his record; empty where he is unknown
     * @param named the account that the call names
     */
    static Choice of(Optional<List<AssignmentsRecord.Account>> accounts, Optional<AccountName> named) {
        var held = accounts.orElse(List.of());
        var acting = held.stream()
                .filter(each -> named.map(each.account()::equals).orElse(each.isDefault()))
                .findFirst();
        return new Choice(
                acting.map(AssignmentsRecord.Account::account),
                held.stream().map(AssignmentsRecord.Account::account).toList(),
                acting.flatMap(AssignmentsRecord.Account::narrowing),
                acting.isPresent() ? Optional.empty() : Optional.of(problem(accounts)));
    }

    private static String problem(Optional<List<AssignmentsRecord.Account>> accounts) {
        if (accounts.isEmpty()) {
            return "portal-user-unknown";
        }
        return accounts.get().isEmpty() ? "not-assigned" : "account-not-assigned";
    }
}
