/** From what Graph shows of a container to events for the portal, each version once and never backwards. */
package org.m365connector.sync.change;
