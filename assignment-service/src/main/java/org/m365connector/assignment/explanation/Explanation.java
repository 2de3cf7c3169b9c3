package org.m365connector.assignment.explanation;

import java.util.List;
import java.util.Optional;
import org.m365connector.assignment.assignment.Rule;
import org.m365connector.events.AccountName;
import org.m365connector.events.LoginMode;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalUser;

/**
 * Which account would act, and why.
 *
 * @param account the account that would act; missing where none would
 * @param rule the assignment that decides; missing where none applies
 * @param overridden assignments that apply too, the first of them decides where the rule goes
 * @param onceKnown for a portal user who is unknown: the assignment that he would have as soon as the portal tells of him
 * @param available all accounts that may be named
 * @param narrowing what the assignment leaves of that account's power; missing where it leaves all
 * @param operation whether it can make the call that was asked about; missing where none was, or none would act
 * @param problem the slug that a call would be refused with: {@code portal-user-unknown}, {@code not-assigned},
 *     {@code account-not-assigned}, {@code not-entitled} for the whole portal, whatever has been assigned, or that of the
 *     operation
 */
record Explanation(
        PortalUser portalUser,
        Optional<AccountName> account,
        Optional<LoginMode> loginMode,
        Optional<Rule> rule,
        List<Overridden> overridden,
        Optional<Rule> onceKnown,
        List<AccountName> available,
        Optional<Narrowing> narrowing,
        Optional<OperationExplanation> operation,
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
                rules.stream()
                        .skip(1)
                        .map(lost -> Overridden.by(rule.orElseThrow(), lost))
                        .toList(),
                Optional.empty(),
                available,
                Optional.empty(),
                Optional.empty(),
                acting.isPresent() ? Optional.empty() : Optional.of(problem(applying, rule)));
    }

    /** The same of a portal user whom nobody has told of, and who would get what this rule says. */
    Explanation onceKnown(Optional<Rule> forEverybody) {
        return new Explanation(
                portalUser,
                account,
                loginMode,
                rule,
                overridden,
                forEverybody,
                available,
                narrowing,
                operation,
                problem);
    }

    /** The same, of an account that has been narrowed. */
    Explanation narrowedTo(Optional<Narrowing> inForce) {
        return new Explanation(
                portalUser, account, loginMode, rule, overridden, onceKnown, available, inForce, operation, problem);
    }

    /** The same, with a call in mind. */
    Explanation about(OperationExplanation asked) {
        return new Explanation(
                portalUser,
                account,
                loginMode,
                rule,
                overridden,
                onceKnown,
                available,
                narrowing,
                Optional.of(asked),
                problem.or(asked::problem));
    }

    /** The same, of a portal that may nothing at present. */
    Explanation notEntitled() {
        return new Explanation(
                portalUser,
                account,
                loginMode,
                rule,
                overridden,
                onceKnown,
                available,
                narrowing,
                operation,
                Optional.of("not-entitled"));
    }

    private static String problem(Optional<List<Rule>> applying, Optional<Rule> rule) {
        if (applying.isEmpty()) {
            return "portal-user-unknown";
        }
        return rule.isEmpty() ? "not-assigned" : "account-not-assigned";
    }
}
