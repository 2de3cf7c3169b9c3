package org.m365connector.assignment.explanation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
 * @param reason of an address that no account may call, because it could be read in two ways: what is wrong with it
 * @param instead what to do otherwise, in words that need no translation
 * @param alternatives accounts assigned to this user that could do it
 * @param eachInside there where it is a batch: not the batch is judged but each request inside of it, like a call of its own.
 *     It is refused whole if one of them is
 */
record OperationExplanation(
        String operation,
        @JsonProperty("possible") boolean isPossible,
        @JsonProperty("allowed") boolean isAllowed,
        Optional<String> row,
        Optional<String> narrowedBy,
        Optional<String> problem,
        Optional<String> reason,
        Optional<String> instead,
        List<AccountName> alternatives,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean eachInside) {
    private static final Capabilities CAPABILITIES = new Capabilities();

    static OperationExplanation of(AskedOperation asked, Login acting, List<Login> available) {
        if (asked.objection().isPresent()) {
            return noAddress(asked);
        }
        if (asked.operation().isBatch()) {
            return batch(asked, acting, available);
        }
        var impossible = impossible(asked, acting);
        var notAllowed = notAllowed(asked, acting);
        var alternatives = others(acting, available)
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
                Optional.empty(),
                impossible.map(Impossible::instead).or(() -> notAllowed.map(why -> String.join(", ", why.allowed()))),
                alternatives,
                false);
    }

    /** What is refused before anybody asks whose call it is. */
    private static OperationExplanation noAddress(AskedOperation asked) {
        return new OperationExplanation(
                asked.words(),
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.of("path-not-allowed"),
                asked.objection(),
                Optional.empty(),
                List.of(),
                false);
    }

    private static OperationExplanation batch(AskedOperation asked, Login acting, List<Login> available) {
        return new OperationExplanation(
                asked.words(),
                true,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("operation={method} {url}"),
                others(acting, available).map(Login::account).toList(),
                true);
    }

    private static Stream<Login> others(Login acting, List<Login> available) {
        return available.stream().filter(login -> !login.account().equals(acting.account()));
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
