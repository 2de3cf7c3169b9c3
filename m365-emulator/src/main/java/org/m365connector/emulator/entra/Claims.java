package org.m365connector.emulator.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
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
        if (claims.isEmpty()) {
            return false;
        }
        try {
            JsonNode values =
                    Json.parse(claims.get()).path("access_token").path("xms_cc").path("values");
            for (JsonNode value : values) {
                if (value.asText().equalsIgnoreCase("cp1")) {
                    return true;
                }
            }
            return false;
        } catch (JsonProcessingException e) {
            throw new EntraFailure(Aadsts.malformed());
        }
    }
}
