package org.m365connector.sync.work;

/** Tables whose rows are worked on under a lease. */
public enum Leased {
    ACTION,
    CONTAINER,
    WATCH,
    SUBSCRIPTION,
    DELIVERY
}
