package org.m365connector.emulator.tokens;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * What a valid bearer token says.
 *
 * @param id the token's {@code uti}
 * @param audience resource the token is for
 * @param tid tenant of the user, or of the app in app-only tokens
 * @param oid the user; empty in app-only tokens
 * @param upn the user's name when the token was issued
 * @param appId client id
 * @param scopes delegated permissions ({@code scp}); empty in app-only tokens
 * @param roles application permissions; empty in delegated tokens
 * @param personal a personal Microsoft account
 * @param contexts authentication contexts ({@code acrs}) that a claims challenge may demand
 * @param handlesClaimsChallenges the client declared {@code cp1}, so the token may be refused before it expires
 */
public record AccessToken(
        String id,
        String audience,
        String tid,
        Optional<String> oid,
        Optional<String> upn,
        String appId,
        Set<String> scopes,
        Set<String> roles,
        boolean personal,
        Set<String> contexts,
        boolean handlesClaimsChallenges,
        Instant issuedAt,
        Instant expiresAt) {

    public AccessToken {
        scopes = Set.copyOf(scopes);
        roles = Set.copyOf(roles);
        contexts = Set.copyOf(contexts);
    }

    public boolean appOnly() {
        return oid.isEmpty();
    }
}
