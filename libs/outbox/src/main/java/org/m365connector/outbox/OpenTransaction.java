package org.m365connector.outbox;

import jakarta.transaction.Status;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionManager;

/** Asked by hand instead of with an interceptor: it holds as well for a call from inside and in a plain test. */
final class OpenTransaction {

    private OpenTransaction() {}

    /**
     * @param what is about to be written
     * @throws IllegalStateException outside of a transaction
     */
    static void require(TransactionManager transactions, String what) {
        try {
            if (transactions.getStatus() == Status.STATUS_NO_TRANSACTION) {
                throw new IllegalStateException(what + " is written only inside of a transaction");
            }
        } catch (SystemException e) {
            throw new IllegalStateException("The transaction manager does not answer", e);
        }
    }
}
