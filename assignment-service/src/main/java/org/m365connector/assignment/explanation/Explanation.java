package org.m365connector.assignment.explanation;

import java.util.List;
import java.util.Optional;
import org.m365connector.assignment.assignment.Rule;
import org.m365connector.assignment.assignment.Standing;
import org.m365connector.events.AccountName;
import org.m365connector.events.LoginMode;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalUser;

/**
 * Which account would act, and why. Account, what may be named and narrowing are what graph-proxy-service obeys at the moment;
 * the rules are those that hold by now. While a change is on its way from these to that, {@code pending} says what it will lead to.
 *
 * @param account the account that would act; missing where none would
 * @param rule the assignment that decides; missing where none applies
 * @param overridden assignments that apply too, the first of them decides where the rule goes
 * @param onceKnown for a portal user who is unknown: the assignment that he would have as soon as the portal tells of him
 * @param available all accounts that may be named
 * @param narrowing what the assignment leaves of that account's power; missing where it leaves all
 * @param mailboxNames by which names the one mailbox that the narrowing leaves may be called; missing where it leaves all
 * @param operation whether it can make the call that was asked about; missing where none was, or none would act
 * @param problem the slug that a call would be refused with: {@code portal-user-unknown}, {@code not-assigned},
 *     {@code account-not-assigned}, {@code not-entitled} for the whole portal, whatever has been assigned, or that of the
 *     operation
 * @param pending what will be once the change that is under way has come to this user; missing where there is none
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
        Optional<List<String>> mailboxNames,
        Optional<OperationExplanation> operation,
        Optional<String> problem,
        Optional<Choice> pending) {

    static Explanation of(PortalUser user, Optional<AccountName> named, Standing standing) {
        var rules = standing.rules().orElse(List.of());
        var rule = rules.stream().findFirst();
        var now = Choice.of(standing.inForce(), named);
        return new Explanation(
                user,
                now.account(),
                now.account().map(AccountName::loginMode),
                rule,
                rules.stream()
                        .skip(1)
                        .map(lost -> Overridden.by(rule.orElseThrow(), lost))
                        .toList(),
                Optional.empty(),
                now.available(),
                now.narrowing(),
                Optional.empty(),
                Optional.empty(),
                now.problem(),
                standing.isPending() ? Optional.of(Choice.of(standing.toBe(), named)) : Optional.empty());
    }

    /** The same of a portal user whom nobody has told of, and who would get what this rule says. */
    Explanation onceKnown(Optional<Rule> forEverybody) {
        return with(forEverybody, mailboxNames, operation, problem);
    }

    /** The same, with the names of the one mailbox that is left. */
    Explanation openingOnly(Optional<List<String>> names) {
        return with(onceKnown, names, operation, problem);
    }

    /** The same, with a call in mind. */
    Explanation about(OperationExplanation asked) {
        return with(onceKnown, mailboxNames, Optional.of(asked), problem.or(asked::problem));
    }

    /** The same, of a portal that may nothing at present. */
    Explanation notEntitled() {
        return with(onceKnown, mailboxNames, operation, Optional.of("not-entitled"));
    }

    private Explanation with(
            Optional<Rule> forEverybody,
            Optional<List<String>> names,
            Optional<OperationExplanation> asked,
            Optional<String> refusal) {
        return new Explanation(
                portalUser,
                account,
                loginMode,
                rule,
                overridden,
                forEverybody,
                available,
                narrowing,
                names,
                asked,
                refusal,
                pending);
    }
}
