/**
 * Graph's limits, kept before Graph has to: how much each app, tenant, mailbox, team, channel, chat and person may still ask
 * for, shared with the other replicas (docs/adr/0013).
 */
package org.m365connector.graphproxy.throttle;
