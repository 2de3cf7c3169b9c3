package org.m365connector.graphproxy.throttle;

/** What this replica may have of a limit. */
interface Shares {

    /** Whether the others leave it its whole share now. */
    boolean whole();

    /** At least 1. */
    int of(Need need, boolean whole);
}
