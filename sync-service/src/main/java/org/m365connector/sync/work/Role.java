package org.m365connector.sync.work;

/** What one deployment of this service does. */
public enum Role {
    /** Takes notifications from Graph; needs Kafka only. */
    DOOR,
    /** Subscriptions, delta rounds, and delivery to portals without Kafka. */
    INBOUND,
    /** Actions. */
    OUTBOUND
}
