package org.m365connector.sync.change;

import java.time.Instant;

/** What the portal has been told of a resource. */
record Known(int generation, String etag, Instant modifiedAt, boolean deleted) {}
