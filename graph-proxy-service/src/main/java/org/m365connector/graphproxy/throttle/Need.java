package org.m365connector.graphproxy.throttle;

/**
 * What a call takes of one scope.
 *
 * @param scope unique within its app
 * @param permits more than one for a batch
 * @param by how much of the limit is this replica's
 */
record Need(String scope, Limit limit, int permits, By by) {

    enum By {
        /** A share, as long as the others hear us; else the small one. */
        SHARE,
        /** The limit is this replica's alone. */
        WHOLE,
        /** All of it, since the others are asked each time: only as many as may go at once ask, and the others wait here. */
        TURN,
        /** What nobody takes from us who cannot be asked. */
        ALONE
    }

    Need(String scope, Limit limit, int permits, boolean whole) {
        this(scope, limit, permits, whole ? By.WHOLE : By.SHARE);
    }

    Need times(int more) {
        return new Need(scope, limit, permits + more, by);
    }

    Need by(By other) {
        return new Need(scope, limit, permits, other);
    }

    boolean turn() {
        return by == By.TURN;
    }
}
