/** What the topics hold for portals without Kafka: pushed to their endpoint in the order of its keys, or kept until they ask. */
package org.m365connector.sync.delivery;
