/** Lives of portals: one that is removed and onboarded again has nothing of what it was before. */
package org.m365connector.sync.portal;
