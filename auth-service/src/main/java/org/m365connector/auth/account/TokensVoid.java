package org.m365connector.auth.account;

/**
 * Fired inside the transaction in which an account's tokens lose their worth: its generation has risen, or it is going.
 *
 * @param keepRefreshToken only the access token is to go; the refresh token moves on to the new generation
 */
public record TokensVoid(long accountId, AccountKey key, long generation, boolean keepRefreshToken) {}
