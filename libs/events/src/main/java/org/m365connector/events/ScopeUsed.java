package org.m365connector.events;

/**
 * On {@code m365.throttling}, key app and scope: so many calls more have gone to a scope whose limit counts for long. Who starts
 * anew, or gets the share of somebody else, knows from it what is used up.
 *
 * @param scope of the app
 * @param limit so many
 * @param windowMillis in so long
 * @param calls since the replica told it last
 */
public record ScopeUsed(String app, String replica, String scope, int limit, long windowMillis, int calls) {

    public static final String TYPE = "scope-used.v1";
}
