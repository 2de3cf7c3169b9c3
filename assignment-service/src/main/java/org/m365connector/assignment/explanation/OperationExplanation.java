package org.m365connector.assignment.explanation;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import org.m365connector.capability.Capabilities;
import org.m365connector.capability.Impossible;
import org.m365connector.capability.LoginKind;
import org.m365connector.capability.Narrowed;
import org.m365connector.capability.NotAllowed;
import org.m365connector.events.AccountName;

/**
 * Whether the account that would act can make the call that was asked about.
 *
 * @param operation as it was asked
 * @param isPossible whether Microsoft Graph has a permission for that kind of login at all; consent and the person's own rights
 *     are another matter
 * @param isAllowed whether the narrowing of the assignment lets the account make it
 * @param row of the table of capabilities that says that it is not possible
 * @param narrowedBy what of the narrowing does not allow it: its operations, mailbox, teams or sites, or that the address
 *     does not say what it reaches
 * @param problem the slug that such a call is refused with
 * @param instead what to do otherwise, in words that need no translation
 * @param alternatives accounts assigned to this user that could do it
 */
record OperationExplanation(
        String operation,
        @JsonProperty("possible") boolean isPossible,
        @JsonProperty("allowed") boolean isAllowed,
        Optional<String> row,
        Optional<String> narrowedBy,
        Optional<String> problem,
        Optional<String> instead,
        List<AccountName> alternatives) {
    private static final Capabilities CAPABILITIES = new Capabilities();

    static OperationExplanation of(AskedOperation asked, Login acting, List<Login> available) {
        var impossible = impossible(asked, acting);
        var notAllowed = notAllowed(asked, acting);
        var alternatives = available.stream()
                .filter(login -> !login.account().equals(acting.account()))
                .filter(login -> impossible(asked, login).isEmpty()
                        && notAllowed(asked, login).isEmpty())
                .map(Login::account)
                .toList();
        return new OperationExplanation(
                asked.words(),
                impossible.isEmpty(),
                notAllowed.isEmpty(),
                impossible.map(Impossible::operation),
                notAllowed.map(NotAllowed::narrowing),
                impossible.map(Impossible::problem).or(() -> notAllowed.map(NotAllowed::problem)),
                impossible.map(Impossible::instead).or(() -> notAllowed.map(why -> String.join(", ", why.allowed()))),
                alternatives);
    }

    private static Optional<Impossible> impossible(AskedOperation asked, Login login) {
        return CAPABILITIES.impossible(asked.operation(), login.kind());
    }

    private static Optional<NotAllowed> notAllowed(AskedOperation asked, Login login) {
        return login.narrowed().refusal(asked.operation(), login.kind(), asked.query());
    }

    /** An account, what kind of login reaches it, and what the assignment leaves of it. */
    record Login(AccountName account, LoginKind kind, Narrowed narrowed) {}
}
