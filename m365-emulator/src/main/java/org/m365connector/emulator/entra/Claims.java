package org.m365connector.emulator.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.m365connector.emulator.http.Json;

/** The {@code claims} parameter: capabilities of the client and answers to a challenge. */
final class Claims {

    private Claims() {}

    /**
     * Whether the client says that it handles claims challenges ({@code cp1}).
     *
     * @throws EntraFailure if the parameter is not JSON
     */
    static boolean handlesChallenges(Optional<String> claims) {
        return values(claims, "xms_cc").stream().anyMatch("cp1"::equalsIgnoreCase);
    }

    /**
     * The authentication contexts that the client asks for ({@code acrs}).
     *
     * @throws EntraFailure if the parameter is not JSON
     */
    static Set<String> contexts(Optional<String> claims) {
        return values(claims, "acrs");
    }

    /** What the access token shall say under that name: one {@code value} or several {@code values}. */
    private static Set<String> values(Optional<String> claims, String name) {
        Set<String> values = new TreeSet<>();
        if (claims.isEmpty()) {
            return values;
        }
        try {
            JsonNode wanted = Json.parse(claims.get()).path("access_token").path(name);
            wanted.path("values").forEach(value -> values.add(value.asText()));
            if (wanted.path("value").isTextual()) {
                values.add(wanted.get("value").asText());
            }
            return values;
        } catch (JsonProcessingException e) {
            throw new EntraFailure(Aadsts.malformed());
        }
    }
}
