package org.m365connector.emulator.graph.change;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Tells everybody who listens, in the order of the changes. */
public final class Changes {

    private final List<Consumer<Change>> listeners = new ArrayList<>();

    public void listen(Consumer<Change> listener) {
        listeners.add(listener);
    }

    public void publish(Change change) {
        listeners.forEach(listener -> listener.accept(change));
    }
}
