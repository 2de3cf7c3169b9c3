/** Lives of portals and registrations: one that is removed and made again has nothing of what it was before. */
package org.m365connector.sync.portal;
