package org.m365connector.auth.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a token of Graph permits, to be shown to people. Such tokens are opaque by contract: where one cannot be read, nothing is
 * known, and nothing else depends on it.
 */
public final class GrantedPermissions {

    private static final ObjectMapper JSON = new ObjectMapper();

    private GrantedPermissions() {}

    /** The application permissions of an app's own token; a token without any has none. */
    public static Optional<Set<String>> roles(String token) {
        return claims(token).map(claims -> {
            Set<String> roles = new LinkedHashSet<>();
            claims.path("roles").forEach(role -> roles.add(role.asText()));
            return roles;
        });
    }

    /** The delegated permissions of somebody's token. */
    public static Optional<Set<String>> scopes(String token) {
        return claims(token)
                .map(claims -> claims.path("scp").asText(""))
                .filter(scopes -> !scopes.isEmpty())
                .map(scopes -> new LinkedHashSet<>(Arrays.asList(scopes.split(" ", -1))));
    }

    private static Optional<JsonNode> claims(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    JSON.readTree(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException | JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
