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
        Optional<Last> last) {

    /** @param outcome {@code signed-in}, {@code cancelled}, {@code wrong-person} … */
    record Last(String outcome, Instant at) {}
}
