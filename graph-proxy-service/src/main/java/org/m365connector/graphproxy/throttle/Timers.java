package org.m365connector.graphproxy.throttle;

/** Runs something later. */
@FunctionalInterface
public interface Timers {

    void after(long millis, Runnable task);
}
