/** What Graph keeps for us so that it tells us of changes: made, renewed, adopted, made anew, deleted. */
package org.m365connector.sync.subscription;
