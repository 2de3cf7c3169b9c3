package org.m365connector.graphproxy.throttle;

import io.vertx.core.Promise;
import java.util.List;
import org.m365connector.events.TurnTaken;

/** A turn of this replica, from when it is asked for until it has ended. Guarded by the lock of {@link Turns}. */
final class OwnTurn {

    final String app;
    final long number;
    final Promise<Turn> promise = Promise.promise();

    /** The one that was too late and that it stands for; null where there is none. */
    final OwnTurn instead;

    private final Turns turns;
    private List<TurnTaken.Part> parts = List.of();
    private long startsAt;

    /** Where it stands in the lines: later than it starts where it stands for one that nobody came behind. */
    private long standsAt;

    OwnTurn(Turns turns, String app, long number, OwnTurn instead) {
        this.turns = turns;
        this.app = app;
        this.number = number;
        this.instead = instead;
    }

    void isHeard(List<TurnTaken.Part> heard, long start, long stand) {
        parts = heard;
        startsAt = start;
        standsAt = stand;
    }

    List<TurnTaken.Part> parts() {
        return parts;
    }

    List<TurnTaken.Part> partsInATime() {
        return parts.stream().filter(part -> part.windowMillis() > 0).toList();
    }

    long standsAt() {
        return standsAt;
    }

    Turn turn() {
        long latest = Long.MAX_VALUE;
        for (TurnTaken.Part part : parts) {
            if (part.windowMillis() > 0) {
                latest = Math.min(latest, startsAt + Line.margin(part.windowMillis()));
            }
        }
        return new Turn(startsAt, latest, this);
    }

    void end() {
        turns.end(this);
    }
}
