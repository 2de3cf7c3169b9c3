/** What a portal may use of the connector, and until when. */
package org.m365connector.sync.entitlement;
