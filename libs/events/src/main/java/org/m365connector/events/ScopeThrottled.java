package org.m365connector.events;

/**
 * On {@code m365.throttling}, key app and scope: Graph answered 429, and no replica begins a call to that scope for so long. A
 * duration, since no two machines have the same clock; it counts from when Kafka wrote it.
 *
 * @param app client id
 * @param scope what Graph counts by: {@code mailbox/<oid>}, {@code channel/<team>/<channel>} …
 */
public record ScopeThrottled(String app, String scope, String replica, long millis) {

    /** The first version had an instant, by the clock of whoever wrote it. */
    public static final String TYPE = "scope-throttled.v2";
}
