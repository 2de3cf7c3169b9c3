package org.m365connector.graphproxy.account;

import org.m365connector.access.Caller;
import org.m365connector.capability.Capabilities;
import org.m365connector.capability.Operation;
import org.m365connector.problem.ProblemException;

/**
 * Whether the acting account can, and may, make a call: each one that reaches Graph has to pass, alone or inside of a batch.
 */
public final class OperationCheck {

    private final Capabilities capabilities;

    public OperationCheck(Capabilities capabilities) {
        this.capabilities = capabilities;
    }

    /**
     * @param query raw, without the question mark; empty where there is none
     * @throws ProblemException {@code app-only-not-supported}, {@code personal-not-supported}, {@code
     *     delegated-not-supported}, {@code not-allowed-by-assignment}
     */
    public void require(Caller caller, ActingAccount account, Operation operation, String query) {
        capabilities.check(operation, account.kind(), account.available());
        if (caller instanceof Caller.Service && isSubscription(operation)) {
            // Made and kept by sync-service, for what it has read through here as the same account.
            return;
        }
        account.narrowed().refusal(operation, account.kind(), query).ifPresent(why -> {
            throw why.refusal();
        });
    }

    private static boolean isSubscription(Operation operation) {
        return !operation.segments().isEmpty() && operation.segments().get(0).equals("subscriptions");
    }
}
