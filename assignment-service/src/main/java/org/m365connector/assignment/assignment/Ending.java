package org.m365connector.assignment.assignment;

import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * Something that has ended and is still being taken out of assignments.
 *
 * @param account the static account that has ended; empty where the registration itself has
 * @param forgets whether the portal has ended too, so that nobody is to be named in the registration's history
 * @param isCounted whether it is known how many assignments it is for
 */
record Ending(
        long id,
        PortalId portal,
        RegistrationName registration,
        Optional<AccountName> account,
        boolean forgets,
        boolean isCounted) {

    /** How far it has come, as whoever looks from outside sees it. */
    record View(
            String registration,
            Optional<String> account,
            long assignmentsDone,
            Optional<Long> assignmentsTotal,
            Instant since) {}

    /** All up to these are done: assignments in the order of their principals, the history in that of its entries. */
    record Place(String kind, String id, long entry) {
        static final Place BEGIN = new Place("", "", 0);
    }
}
