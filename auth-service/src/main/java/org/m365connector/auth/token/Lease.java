package org.m365connector.auth.token;

/** The right to renew the tokens of an account, until it runs out. The number tells one lease of an owner from the next. */
record Lease(long accountId, String owner, long number) {}
