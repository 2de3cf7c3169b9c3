/** How a service leaves this network: the proxy for https, and certificate authorities of one's own. */
package org.m365connector.outbound;
