package org.m365connector.emulator.graph.switches;

import java.time.Duration;

/** Runs something on the emulator's event loop after a while of real time. */
public interface Later {

    void run(Duration delay, Runnable task);
}
