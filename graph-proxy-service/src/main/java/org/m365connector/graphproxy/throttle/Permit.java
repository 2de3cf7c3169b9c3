package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** The right to one call, from now until it is given back. */
public final class Permit {

    /** Whether a call may go out. */
    public enum Going {
        NOW,
        /** Its turn is over; it needs {@link #another() another}. */
        TOO_LATE,
        /** Somebody was told to stay away meanwhile: it has to be given back, and asked for anew. */
        CLOSED
    }

    private final Governor governor;
    private final Demand demand;
    private final Lane lane;
    private final Taken taken;
    private final Optional<Turn> turn;
    private final AtomicBoolean released = new AtomicBoolean();

    Permit(Governor governor, Demand demand, Lane lane, Taken taken) {
        this(governor, demand, lane, taken, Optional.empty());
    }

    /** @param turn what was agreed with the other replicas */
    Permit(Governor governor, Demand demand, Lane lane, Taken taken, Turn turn) {
        this(governor, demand, lane, taken, Optional.of(turn));
    }

    private Permit(Governor governor, Demand demand, Lane lane, Taken taken, Optional<Turn> turn) {
        this.governor = governor;
        this.demand = demand;
        this.lane = lane;
        this.taken = taken;
        this.turn = turn;
    }

    /** To be asked in the moment in which the call goes out, from which on Graph counts it. */
    public Going begin() {
        if (turn.isPresent() && taken.app.isAfter(turn.get().latest())) {
            return Going.TOO_LATE;
        }
        return taken.app.begin(taken, demand.homes()) ? Going.NOW : Going.CLOSED;
    }

    /**
     * After it was too late for its turn: the same right with another turn, after which the call should wait for nothing. This one is
     * void from now on. Fails with {@link ThrottledException} where it would take too long.
     */
    public Future<Permit> another() {
        if (turn.isEmpty() || !released.compareAndSet(false, true)) {
            return Future.failedFuture(new IllegalStateException("no turn to be late for"));
        }
        return governor.another(demand, lane, taken, turn.get());
    }

    /** The call is over, or does not come. May be said again. */
    public void release() {
        if (released.compareAndSet(false, true)) {
            taken.app.leave(taken);
            turn.ifPresent(Turn::end);
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
