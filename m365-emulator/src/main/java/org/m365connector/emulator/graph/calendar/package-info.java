/** Calendars, as far as is needed to tell who may look into whose. */
package org.m365connector.emulator.graph.calendar;
