package org.m365connector.sync.watch;

/** What watches are told of their container's sync; answered by the feature that makes events. */
public interface SyncNews {
    /**
     * A watch has come to a container. Where that is synchronised the watch is told so at once, otherwise together with the others.
     *
     * @param container locked
     */
    void joined(Container container, Watch watch);
}
