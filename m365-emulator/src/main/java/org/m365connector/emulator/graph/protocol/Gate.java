package org.m365connector.emulator.graph.protocol;

/** Lets a call in, or refuses it because there are too many. */
public interface Gate {

    /**
     * @return to be run when the call has been answered
     * @throws GraphError 429
     */
    Runnable enter(Call call);
}
