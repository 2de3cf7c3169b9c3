package org.m365connector.graphproxy.forward;

import java.util.Optional;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.graphproxy.account.ActingAccount;
import org.m365connector.graphproxy.throttle.Lane;

/**
 * What a call may do: act as this account, at this Graph. True at the moment in which it was asked for.
 *
 * @param portalUser in whose name; empty where a service acts for the portal itself
 * @param lane who goes first where not everybody can
 */
record Admission(
        ActingAccount account,
        Optional<PortalUser> portalUser,
        RegistrationRecord registration,
        GraphHost host,
        Lane lane) {}
