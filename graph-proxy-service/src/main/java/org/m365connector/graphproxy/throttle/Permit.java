package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** The right to one call, from now until it is given back. */
public final class Permit {

    private final Governor governor;
    private final Demand demand;
    private final Runnable turn;
    private final AtomicBoolean released = new AtomicBoolean();

    /** @param turn ends what was agreed with the other replicas */
    Permit(Governor governor, Demand demand, Runnable turn) {
        this.governor = governor;
        this.demand = demand;
        this.turn = turn;
    }

    Demand demand() {
        return demand;
    }

    /** Whether the call may still begin: nobody has been told to stay away since. */
    public boolean stillOpen() {
        return governor.open(demand);
    }

    /** The call is over. May be said again. */
    public void release() {
        if (released.compareAndSet(false, true)) {
            governor.leave(demand);
            turn.run();
        }
    }

    /**
     * Graph said 429.
     *
     * @param item which call of a batch; 0 for a single one
     * @param retryAfter as it said
     * @return how long nobody calls that scope
     */
    public Duration throttled(int item, Optional<Duration> retryAfter) {
        return governor.throttled(demand, item, retryAfter);
    }
}
