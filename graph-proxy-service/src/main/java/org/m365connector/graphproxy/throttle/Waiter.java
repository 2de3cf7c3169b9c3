package org.m365connector.graphproxy.throttle;

import io.vertx.core.Promise;
import java.util.List;

/** A call that waits. Guarded by the lock of its app. */
final class Waiter {

    final List<Need> needs;
    final Scope[] scopes;
    final Lane lane;
    final long deadline;
    final long number;
    final Promise<Taken> promise = Promise.promise();

    /** In whose queue it stands; null when it waits no more. */
    Scope at;

    /** @param number in the order in which they came */
    Waiter(List<Need> needs, Scope[] scopes, Lane lane, long deadline, long number) {
        this.needs = needs;
        this.scopes = scopes;
        this.lane = lane;
        this.deadline = deadline;
        this.number = number;
    }

    boolean needs(Scope scope) {
        for (Scope wanted : scopes) {
            if (wanted == scope) {
                return true;
            }
        }
        return false;
    }
}
