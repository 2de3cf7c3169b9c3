package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** The right to one call, from now until it is given back. */
public final class Permit {

    private static final Turns.Turn AT_ANY_TIME = new Turns.Turn(0, Long.MAX_VALUE, () -> true, () -> {});

    private final Governor governor;
    private final Demand demand;
    private final Taken taken;
    private final Turns.Turn turn;
    private final AtomicBoolean released = new AtomicBoolean();

    Permit(Governor governor, Demand demand, Taken taken) {
        this(governor, demand, taken, AT_ANY_TIME);
    }

    /** @param turn what was agreed with the other replicas */
    Permit(Governor governor, Demand demand, Taken taken, Turns.Turn turn) {
        this.governor = governor;
        this.demand = demand;
        this.taken = taken;
        this.turn = turn;
    }

    /**
     * To be asked in the moment in which the call goes out, from which on Graph counts it.
     *
     * @param again whether it has been too late before: then being late is no reason any more
     * @return whether it may; if not, another permit is needed: somebody was told to stay away meanwhile, or its turn is over
     */
    public boolean begin(boolean again) {
        boolean inTime =
                again || !taken.app.isAfter(turn.latest()) || turn.mayGoLate().getAsBoolean();
        return inTime && taken.app.begin(taken, demand.homes());
    }

    /** The call is over, or does not come. May be said again. */
    public void release() {
        if (released.compareAndSet(false, true)) {
            taken.app.leave(taken);
            turn.end().run();
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
