/** What has to be done in Entra ID and in the portal for a registration to work, and whether it has been. */
package org.m365connector.auth.setup;
