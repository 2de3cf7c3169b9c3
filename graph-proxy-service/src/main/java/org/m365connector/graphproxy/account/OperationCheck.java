package org.m365connector.graphproxy.account;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.m365connector.access.Caller;
import org.m365connector.capability.Capabilities;
import org.m365connector.capability.Operation;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.problem.ProblemException;

/**
 * Whether the acting account can, and may, make a call: each one that reaches Graph has to pass, alone or inside of a batch.
 */
public final class OperationCheck {

    /** For sync-service: the name of the person whose object id stands in the address, encoded as in a form. */
    public static final String PERSON_HEADER = "X-M365-Person";

    private final Capabilities capabilities;

    public OperationCheck(Capabilities capabilities) {
        this.capabilities = capabilities;
    }

    /**
     * @param query raw, without the question mark; empty where there is none
     * @param person value of {@link #PERSON_HEADER}, or null; heard from the suite's own services only
     * @throws ProblemException {@code app-only-not-supported}, {@code personal-not-supported}, {@code
     *     delegated-not-supported}, {@code not-allowed-by-assignment}, {@code portal-user-unknown}
     */
    public void require(Caller caller, ActingAccount account, Operation operation, String query, String person) {
        capabilities.check(operation, account.kind(), account.available());
        if (caller instanceof Caller.Service && isSubscription(operation)) {
            // Made and kept by sync-service, for what it has read through here as the same account.
            return;
        }
        boolean isToldWho = caller instanceof Caller.Service && person != null;
        // A name may have gone to somebody else since it was asked for. Where the right object id is known, that
        // decides.
        Operation judged = isToldWho && !account.narrowed().knowsObjectId() ? ofPerson(operation, person) : operation;
        account.narrowed().refusal(judged, account.kind(), query).ifPresent(why -> {
            if (why.narrowing().equals("mailbox") && account.narrowed().isOfSomebodyUnknown()) {
                // His assignment has overtaken what the portal tells of himself; who can wait for that waits.
                throw new ProblemException(ProxyProblem.PORTAL_USER_UNKNOWN, account.registration());
            }
            throw why.refusal();
        });
    }

    /** Assignments name mailboxes as people do, and sync-service asked for this one by that name. */
    private static Operation ofPerson(Operation operation, String person) {
        List<String> segments = new ArrayList<>(operation.segments());
        if (segments.size() < 2 || !segments.get(0).equals("users")) {
            return operation;
        }
        segments.set(1, URLDecoder.decode(person, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT));
        return new Operation(operation.method(), segments, operation.namesByValue());
    }

    private static boolean isSubscription(Operation operation) {
        return !operation.segments().isEmpty() && operation.segments().get(0).equals("subscriptions");
    }
}
