package org.m365connector.graphproxy.audit;

/** So many in each second of the clock. */
final class Rate {

    private final int aSecond;
    private long second;
    private int taken;

    Rate(int aSecond) {
        this.aSecond = aSecond;
    }

    synchronized boolean allows(long millis) {
        long now = millis / 1000;
        if (now != second) {
            second = now;
            taken = 0;
        }
        if (taken == aSecond) {
            return false;
        }
        taken++;
        return true;
    }
}
