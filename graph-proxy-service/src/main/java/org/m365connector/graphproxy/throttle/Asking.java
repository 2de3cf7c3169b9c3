package org.m365connector.graphproxy.throttle;

import io.vertx.core.Promise;
import java.util.concurrent.atomic.AtomicBoolean;

/** A call that has what is this replica's, and waits for the others. One of several ends comes first. */
final class Asking {

    private final Governor governor;
    private final Demand demand;
    private final Lane lane;
    private final Taken taken;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Promise<Permit> permit = Promise.promise();

    Asking(Governor governor, Demand demand, Lane lane, Taken taken) {
        this.governor = governor;
        this.demand = demand;
        this.lane = lane;
        this.taken = taken;
    }

    Promise<Permit> permit() {
        return permit;
    }

    /** @return whether nothing else has come before it */
    boolean over() {
        return over.compareAndSet(false, true);
    }

    void granted(Turn turn) {
        if (over()) {
            permit.complete(new Permit(governor, demand, lane, taken, turn));
        } else {
            turn.end();
        }
    }

    boolean refused(ThrottledException refusal) {
        if (!over()) {
            return false;
        }
        taken.app.leave(taken);
        permit.fail(refusal);
        return true;
    }
}
