package org.m365connector.sync.round;

import jakarta.enterprise.context.ApplicationScoped;
import org.m365connector.sync.graph.GraphAccess;
import org.m365connector.sync.graph.GraphFailure;
import org.m365connector.sync.round.Rounds.Begun;

/**
 * A round that Graph answered "not found". Only the container itself, asked for by its id and several times at some distance, says
 * that it is gone; then all that is known of it is told deleted. No transaction is open while Graph is asked.
 */
@ApplicationScoped
class Departure {
    private final GoneContainers gone;
    private final GraphAccess graph;

    Departure(GoneContainers gone, GraphAccess graph) {
        this.gone = gone;
        this.graph = graph;
    }

    /** @return whether that is settled; else the round has failed like any other */
    boolean settles(Begun round, GraphFailure failure) {
        boolean refused = failure instanceof GraphFailure.Refused answer && answer.accessLost();
        if (round.container().absence().isGone()) {
            // Not back, at least; and who began to tell may have been killed. What is no answer says nothing.
            return refused && gone.countsAsGone(round) && tell(round);
        }
        if (!refused || gone.isLeftToItsWhole(round)) {
            return false;
        }
        if (!Whereabouts.isNotFound(failure)) {
            if (!Whereabouts.isOfItsOwner(failure)
                    && !round.container().absence().isNone()) {
                gone.doubted(round);
            }
            return false;
        }
        Whereabouts found =
                Whereabouts.of(round.container(), graph.as(round.carrier().acting()));
        return switch (found) {
            case UNKNOWN -> false;
            case THERE -> {
                gone.doubted(round);
                yield false;
            }
            case NOT_FOUND -> gone.isGone(round) && tell(round);
        };
    }

    private boolean tell(Begun round) {
        int slice;
        do {
            slice = gone.tellSlice(round);
        } while (slice > 0);
        gone.rest(round);
        return true;
    }

    /** A page of it was read. */
    void shown(Begun round) {
        if (!round.container().absence().isNone()) {
            gone.back(round);
        }
    }
}
