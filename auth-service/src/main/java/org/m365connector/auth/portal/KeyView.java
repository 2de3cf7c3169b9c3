package org.m365connector.auth.portal;

import java.time.Instant;

/** A key without its value. */
record KeyView(String id, Instant createdAt) {}
