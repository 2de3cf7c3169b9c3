package org.m365connector.sync.watch;

/** With a container's watch comes the record of its subscription, in one transaction; answered by the feature that keeps them. */
public interface SubscriptionRecords {
    /**
     * Nothing where it has one, where its notifications come through another container's, or where Graph cannot reach us.
     *
     * @param containerId of a container whose watch is written down
     */
    void add(long containerId);

    /** What the container's subscription was for is gone: it is deleted at Graph, and its record with it. */
    void giveUp(long containerId);
}
