package org.m365connector.graphproxy.throttle;

/**
 * What a call takes of one scope.
 *
 * @param scope unique within its app
 * @param permits more than one for a batch
 * @param whole whether the limit is this replica's alone, and not to be shared
 * @param turn whether the others are asked each time: then only as many as may go at once ask, and the others wait here
 */
record Need(String scope, Limit limit, int permits, boolean whole, boolean turn) {

    Need(String scope, Limit limit, int permits, boolean whole) {
        this(scope, limit, permits, whole, false);
    }

    Need times(int more) {
        return new Need(scope, limit, permits + more, whole, turn);
    }

    Need inTurn() {
        return new Need(scope, limit, permits, true, true);
    }
}
