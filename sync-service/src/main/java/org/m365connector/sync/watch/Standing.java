package org.m365connector.sync.watch;

import java.util.Optional;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.events.RegistrationState;

/** Whether those for whom a watch was made are still there. */
enum Standing {
    STAYS,
    /** No record of one of them: gone, or its news has not come yet. */
    MISSING,
    /** Being taken down, and its subscriptions with it. */
    ENDING;

    /** @param userKnown whether the portal user, where the watch has one, has a record of assignments */
    static Standing of(Optional<PortalRecord> portal, Optional<RegistrationRecord> registration, boolean userKnown) {
        boolean ending =
                portal.filter(record -> record.state() == PortalState.ENDING).isPresent()
                        || registration
                                .filter(record -> record.state() == RegistrationState.ENDING)
                                .isPresent();
        if (ending) {
            return ENDING;
        }
        return portal.isPresent() && registration.isPresent() && userKnown ? STAYS : MISSING;
    }
}
