package org.m365connector.sync.portal;

import org.m365connector.events.PortalId;

/**
 * A portal has been removed; it may have been onboarded again since. Observed in the transaction in which that is noted: what of it
 * bears a lower version goes, and what was made since stays.
 *
 * @param version of its end, in one sequence with those of its records
 */
public record PortalEnded(PortalId portal, long version) {}
