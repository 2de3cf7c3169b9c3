package org.m365connector.graphproxy.throttle;

import java.util.List;
import org.m365connector.events.TurnTaken;

/**
 * Somebody's place, in all lines of calls at once that he stands in.
 *
 * @param at since when
 */
record Place(String replica, String app, long at, List<TurnTaken.Part> parts) {}
