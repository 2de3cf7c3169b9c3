package org.m365connector.graphproxy.throttle;

/**
 * How old a record is, though neither its writer's clock nor the broker's is ours. What we wrote ourselves was written by the
 * broker between our sending and our reading it: that bounds how far the two clocks are apart.
 *
 * <p>Of all that is possible the youngest age is told: whoever counts a pause from it never ends it early.
 */
final class BrokerClock {

    private boolean known;

    /** Our time minus the broker's, at most. */
    private long apart;

    /**
     * A record of our own.
     *
     * @param sent our time
     * @param written the broker's time
     * @param read our time
     */
    void heard(long sent, long written, long read) {
        long most = read - written;
        long least = sent - written;
        // Beyond the bounds of a newer one: somebody has set the broker's clock, or another broker leads.
        if (!known || most < apart || least > apart) {
            apart = most;
        }
        known = true;
    }

    /** 0 as long as nothing is known. */
    long age(long written, long now) {
        return known ? Math.max(0, now - written - apart) : 0;
    }
}
