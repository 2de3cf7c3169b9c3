/**
 * Actions of the portals: from the event to exactly one result and at most one effect.
 */
package org.m365connector.sync.action;
