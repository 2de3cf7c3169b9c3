package org.m365connector.view;

import java.util.Optional;

/** Hears of every change of a view, on the view's own thread: be quick, and hand longer work on. */
@FunctionalInterface
public interface ViewListener<V> {
    /** {@code old} is empty for a key that is new, {@code now} for one that is gone; never both. */
    void onChange(String key, Optional<V> old, Optional<V> now);
}
