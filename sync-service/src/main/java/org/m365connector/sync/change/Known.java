package org.m365connector.sync.change;

import java.time.Instant;

/**
 * What the portal has been told of a resource.
 *
 * @param ahead told from a look at this one, and no delta has shown it since: one that lags may show what was before
 */
record Known(int generation, String etag, Instant modifiedAt, boolean deleted, boolean ahead) {

    /** As rounds have shown it. */
    Known(int generation, String etag, Instant modifiedAt, boolean deleted) {
        this(generation, etag, modifiedAt, deleted, false);
    }
}
