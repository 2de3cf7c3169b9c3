/** What sync-service keeps that nobody may read at rest. */
package org.m365connector.sync.secret;
