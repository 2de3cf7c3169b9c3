package org.m365connector.events;

import java.time.Instant;

/**
 * On {@code m365.throttling}, key app and scope: Graph answered 429, and no replica begins a call to that scope before then.
 *
 * @param app client id
 * @param scope what Graph counts by: {@code mailbox/<oid>}, {@code channel/<team>/<channel>} …
 */
public record ScopeThrottled(String app, String scope, String replica, Instant until) {

    public static final String TYPE = "scope-throttled.v1";
}
