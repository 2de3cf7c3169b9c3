package org.m365connector.sync.round;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;
import org.m365connector.sync.graph.GraphException;
import org.m365connector.sync.round.Rounds.Begun;

/**
 * Questions about single things in a container that could be read. A 404 that is nobody's fails the round at first, since a gateway may
 * have said so; one thing of which nothing else is ever heard must not hold up all the others.
 */
@ApplicationScoped
class SingleThings {
    private final Rounds rounds;

    SingleThings(Rounds rounds) {
        this.rounds = rounds;
    }

    /**
     * Asks Graph.
     *
     * @param silent the answer where nothing but such a 404 is heard for long
     * @throws GraphException where it cannot be asked
     */
    <T> T ask(Begun round, Supplier<T> question, T silent) {
        try {
            return question.get();
        } catch (GraphException e) {
            if (Whereabouts.isNobodys(e.failure()) && rounds.isSilence(round)) {
                return silent;
            }
            throw e;
        }
    }
}
