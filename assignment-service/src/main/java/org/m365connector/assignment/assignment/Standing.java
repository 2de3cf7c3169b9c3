package org.m365connector.assignment.assignment;

import java.util.List;
import java.util.Optional;
import org.m365connector.events.AssignmentsRecord;

/**
 * How a portal user stands under a registration, all of it at one moment. A change for many comes to their records little by
 * little, so the rules can be ahead of them.
 *
 * @param rules that apply to him by now, the one that decides first; empty where he is unknown
 * @param inForce what his record says, which graph-proxy-service obeys, without accounts that are gone; empty where he has none
 * @param toBe what it will say when everything that has changed by now has come to it; empty where he will have none
 * @param isOnItsWay whether his record is written and waits to be published, or names an account that is gone
 */
public record Standing(
        Optional<List<Rule>> rules,
        Optional<List<AssignmentsRecord.Account>> inForce,
        Optional<List<AssignmentsRecord.Account>> toBe,
        boolean isOnItsWay) {

    public boolean isPending() {
        return isOnItsWay || !inForce.equals(toBe);
    }
}
