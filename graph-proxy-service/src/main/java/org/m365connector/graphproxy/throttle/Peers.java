package org.m365connector.graphproxy.throttle;

import java.util.Set;

/** Who else shares the limits, as far as turns need to know. */
interface Peers {

    /** Those who hear us, and ourselves. */
    Set<String> names();

    /** Whether each of them has a share of such a limit as a rule. */
    boolean sharesOut(int limit);

    /** Whether all of them know of each other, so that they have told what they run without a turn. */
    boolean agreed();

    /** What those may use of a limit of calls at once who cannot be asked. */
    int reserved(int limit);
}
