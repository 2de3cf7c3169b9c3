package org.m365connector.graphproxy.throttle;

import java.util.List;

/**
 * What holds a call up.
 *
 * @param millis how long it takes, or {@link Scope#UNKNOWN}
 */
record Obstacle(Scope scope, long millis, Kind kind) {
    enum Kind {
        WAITS,
        HOPELESS,
        NEEDS_TURN
    }

    boolean hopeless() {
        return kind == Kind.HOPELESS;
    }

    boolean needsTurn() {
        return kind == Kind.NEEDS_TURN;
    }

    long toldMillis() {
        return millis == Scope.UNKNOWN ? AppLimits.SOON : millis;
    }

    /**
     * What holds a call up longest; null where nothing does.
     *
     * @param newcomer the lane of a call that comes now, and overtakes nobody; null for who is in front
     */
    static Obstacle of(Shares shares, List<Need> needs, Scope[] wanted, Lane newcomer, long now, long deadline) {
        Scope longestScope = null;
        long longest = 0;
        boolean whole = shares.whole();
        for (int i = 0; i < wanted.length; i++) {
            Need need = needs.get(i);
            Scope scope = wanted[i];
            int ahead = newcomer == null || scope.queue().waiting() == 0
                    ? 0
                    : scope.queue().ahead(newcomer);
            int share = shares.of(need, whole);
            // Also while we are not heard: until the others miss us they let go whoever's turn it is.
            if (shares.asksOthers(need, share, whole) || (need.by() == Need.By.SHARE && scope.goesByTurns(now))) {
                return new Obstacle(scope, 0, Kind.NEEDS_TURN);
            }
            long wait = scope.millisToWait(need, ahead, share, shares.untold(need.limit()), now);
            if (wait != Scope.UNKNOWN && now + wait > deadline) {
                return new Obstacle(scope, wait, Kind.HOPELESS);
            }
            wait = wait == 0 && ahead > 0 ? 1 : wait;
            if (wait > longest) {
                longest = wait;
                longestScope = scope;
            }
        }
        return longestScope == null ? null : new Obstacle(longestScope, longest, Kind.WAITS);
    }
}
