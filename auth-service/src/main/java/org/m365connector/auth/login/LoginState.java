package org.m365connector.auth.login;

import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.AccountState;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * How a portal user's account stands, for a page that polls.
 *
 * @param generation rises with every login and sign-out
 * @param underWay somebody is at Entra's pages for it now, or could be: he began and has not come back
 * @param last how the last visit to Entra ended
 */
record LoginState(
        PortalUser portaluser,
        RegistrationName registration,
        AccountState state,
        Optional<String> reason,
        Optional<String> upn,
        long generation,
        Optional<Instant> changedAt,
        boolean underWay,
        Optional<Last> last) {

    /**
     * @param outcome {@code signed-in}, {@code cancelled}, {@code wrong-person} …
     * @param again whether the window offers another try, so that this need not be the end
     */
    record Last(String outcome, boolean again, Instant at) {}
}
