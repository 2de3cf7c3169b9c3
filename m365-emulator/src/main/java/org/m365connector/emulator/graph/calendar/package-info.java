/** Calendars: events, series and their occurrences, and the delta of a view. */
package org.m365connector.emulator.graph.calendar;
