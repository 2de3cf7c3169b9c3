package org.m365connector.graphproxy.throttle;

/**
 * A call's turn.
 *
 * @param startsAt when it begins
 * @param latest a call that begins after it comes too close to the next one
 * @param own where it is known by
 */
record Turn(long startsAt, long latest, OwnTurn own) {

    /** To be called when the call is over, or does not come. */
    void end() {
        own.end();
    }
}
