/** What the proxy tells on Kafka: never in a call's way. */
package org.m365connector.graphproxy.outlet;
