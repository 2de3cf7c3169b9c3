package org.m365connector.auth.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The application permissions in an app's own token, to be shown to people. Graph's tokens are opaque by contract: where one
 * cannot be read, nothing is known, and nothing else depends on it.
 */
public final class GrantedRoles {

    private static final ObjectMapper JSON = new ObjectMapper();

    private GrantedRoles() {}

    /** Empty where the token cannot be read. */
    public static Optional<List<String>> of(Grant.Granted granted) {
        String[] parts = granted.accessToken().split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            JsonNode claims =
                    JSON.readTree(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
            List<String> roles = new ArrayList<>();
            claims.path("roles").forEach(role -> roles.add(role.asText()));
            return Optional.of(roles.stream().sorted().toList());
        } catch (IllegalArgumentException | JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
