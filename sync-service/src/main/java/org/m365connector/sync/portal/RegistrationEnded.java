package org.m365connector.sync.portal;

import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * A registration has been removed; there may be another one of its name since. Observed in the transaction in which that is noted: what of
 * it bears a lower version goes, and what was made since stays.
 *
 * @param version of its end, in one sequence with those of its records
 */
public record RegistrationEnded(PortalId portal, RegistrationName registration, long version) {}
