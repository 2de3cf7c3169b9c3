package org.m365connector.emulator.tokens;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.StepUp;
import org.m365connector.emulator.directory.UserAccount;

/** What Graph asks about a bearer token. */
public final class TokenInspector {

    /** The names under which Graph is addressed in tokens. */
    public static final Set<String> GRAPH =
            Set.of("https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000");

    private final TokenIssuer issuer;
    private final Directory directory;
    private final Clock clock;

    public TokenInspector(TokenIssuer issuer, Directory directory, Clock clock) {
        this.issuer = issuer;
        this.directory = directory;
        this.clock = clock;
    }

    /** @param bearer the token alone, or a whole {@code Authorization} header's value; may be null */
    public TokenInspection inspect(String bearer) {
        if (bearer == null || bearer.isBlank()) {
            return new TokenInspection.Malformed("Access token is empty.");
        }
        String token = bearer.toLowerCase(Locale.ROOT).startsWith("bearer ")
                ? bearer.substring(7).trim()
                : bearer;
        Optional<AccessToken> known = issuer.opaque(token).or(() -> verified(token));
        return known.map(this::judge)
                .orElseGet(
                        () -> new TokenInspection.Malformed("CompactToken parsing failed with error code: 80049217"));
    }

    private TokenInspection judge(AccessToken token) {
        if (!clock.instant().isBefore(token.expiresAt())) {
            return new TokenInspection.Expired(token);
        }
        if (!GRAPH.contains(token.audience())) {
            return new TokenInspection.WrongAudience(token);
        }
        if (token.handlesClaimsChallenges() && token.oid().isPresent()) {
            Optional<UserAccount> user = directory.userByOid(token.oid().get());
            if (user.isEmpty() || user.get().blocked()) {
                return new TokenInspection.Revoked(token, clock.instant());
            }
            Instant validFrom = user.get().sessionsValidFrom();
            if (issuer.issuedAt(token).isBefore(validFrom)) {
                return new TokenInspection.Revoked(token, validFrom);
            }
        }
        Optional<StepUp> lacking = token.oid()
                .flatMap(directory::userByOid)
                .flatMap(UserAccount::stepUp)
                .filter(stepUp -> !token.contexts().contains(stepUp.context()));
        if (lacking.isPresent()) {
            return new TokenInspection.Challenged(token, lacking.get().claims());
        }
        return new TokenInspection.Valid(token);
    }

    private Optional<AccessToken> verified(String bearer) {
        List<String> parts = List.of(bearer.split("\\.", -1));
        if (parts.size() != 3) {
            return Optional.empty();
        }
        try {
            Base64.Decoder base64url = Base64.getUrlDecoder();
            JsonNode head = TokenIssuer.JSON.readTree(base64url.decode(parts.get(0)));
            if (!(head instanceof ObjectNode header)
                    || !header.path("alg").asText().equals("RS256")) {
                return Optional.empty();
            }
            Optional<SigningKey> key = issuer.key(header.path("kid").asText());
            if (key.isEmpty()) {
                return Optional.empty();
            }
            if (header.has("nonce")) {
                header.put("nonce", TokenIssuer.hashed(header.get("nonce").asText()));
            }
            if (!key.get().verifies(TokenIssuer.encode(header) + "." + parts.get(1), base64url.decode(parts.get(2)))) {
                return Optional.empty();
            }
            return Optional.of(read(TokenIssuer.JSON.readTree(base64url.decode(parts.get(1)))));
        } catch (IllegalArgumentException | IOException e) {
            return Optional.empty();
        }
    }

    private static AccessToken read(JsonNode claims) {
        boolean app = claims.path("idtyp").asText().equals("app");
        boolean user = claims.path("idtyp").asText().equals("user");
        Set<String> scopes = new TreeSet<>();
        if (user) {
            scopes.addAll(List.of(claims.path("scp").asText().split(" ", -1)));
        }
        Set<String> roles = new TreeSet<>();
        claims.path("roles").forEach(role -> roles.add(role.asText()));
        Set<String> contexts = new TreeSet<>();
        claims.path("acrs").forEach(context -> contexts.add(context.asText()));
        return new AccessToken(
                claims.path("uti").asText(),
                claims.path("aud").asText(),
                claims.path("tid").asText(),
                user ? Optional.of(claims.path("oid").asText()) : Optional.empty(),
                user ? Optional.of(claims.path("upn").asText()) : Optional.empty(),
                claims.path(app || user ? "appid" : "aud").asText(),
                scopes,
                roles,
                claims.path("tid").asText().equals(Seed.PERSONAL_TENANT_ID),
                contexts,
                claims.path("xms_cc").toString().contains("CP1"),
                Instant.ofEpochSecond(claims.path("iat").asLong()),
                Instant.ofEpochSecond(claims.path("exp").asLong()));
    }
}
