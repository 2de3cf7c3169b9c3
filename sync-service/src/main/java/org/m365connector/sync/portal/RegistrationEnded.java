package org.m365connector.sync.portal;

import java.time.Instant;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * A registration has been removed; there may be another one of its name since. Observed in the transaction in which that is noted: what of
 * it bears a lower version goes, and what was made since stays.
 *
 * @param version of its end, in one sequence with those of its records
 * @param at when it ended; a view that lags may give what is made since the version of before
 */
public record RegistrationEnded(PortalId portal, RegistrationName registration, long version, Instant at) {}
