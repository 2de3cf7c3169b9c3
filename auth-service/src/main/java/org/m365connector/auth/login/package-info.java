/**
 * Signing in: one-time tickets, the browser's way to Entra and back, device codes, and the pages that people see.
 *
 * <p>What keeps a stranger out: a ticket is used once and says whose account it is for; {@code state}, {@code nonce} and the
 * PKCE verifier are made for one attempt; the attempt belongs to the browser that holds its cookie; who signed in must be who
 * was expected.
 */
package org.m365connector.auth.login;
