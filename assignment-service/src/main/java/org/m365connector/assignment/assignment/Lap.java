package org.m365connector.assignment.assignment;

import java.util.List;
import java.util.Optional;

/**
 * Where a recalculation is on its way round the users, who stand in a circle by their ids:
 *
 * <pre>
 *   first ──────▶ doneUntil ──────▶ last ─┐      asked for again at doneUntil: that is thenUntil from now on
 *     └──────▶ thenUntil ◀────────────────┘      those before it come once more, behind the last
 * </pre>
 *
 * Every user comes once after the latest wish, and nobody waits longer because the same is wished again.
 *
 * @param doneUntil the last one that was done in this stretch
 * @param until where this stretch ends; empty is at the last user
 * @param thenUntil where one more stretch ends, from the first user
 */
record Lap(String doneUntil, Optional<String> until, Optional<String> thenUntil) {

    /**
     * After a step.
     *
     * @param done those whom it has done
     * @param asked how many it would have done: fewer are the end of the stretch
     * @return empty where everybody is through
     */
    Optional<Lap> after(List<String> done, int asked) {
        if (done.size() == asked) {
            return Optional.of(new Lap(done.get(asked - 1), until, thenUntil));
        }
        return thenUntil.map(last -> new Lap("", Optional.of(last), Optional.empty()));
    }
}
