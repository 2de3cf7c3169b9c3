package org.m365connector.auth.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * The parameter {@code claims} of requests to Entra ID. A client that says {@code cp1} handles claims challenges: it gets
 * tokens that live for a day and may be refused by Graph before that. It has to say so in every request, a challenge
 * included (Microsoft identity platform, "Claims challenges, claims requests and client capabilities").
 */
public final class ClientClaims {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ClientClaims() {}

    /**
     * What to send; empty where there is nothing to send.
     *
     * @param cp1 whether this client handles claims challenges
     * @param challenge what Graph or Entra demands, as JSON text. One that is not JSON is handed on as it is, for Entra to judge
     */
    public static Optional<String> of(boolean cp1, Optional<String> challenge) {
        return cp1 ? Optional.of(withCp1(challenge.orElse("{}"))) : challenge;
    }

    private static String withCp1(String challenge) {
        try {
            if (JSON.readTree(challenge) instanceof ObjectNode claims) {
                claims.withObjectProperty("access_token")
                        .putObject("xms_cc")
                        .putArray("values")
                        .add("cp1");
                return claims.toString();
            }
            return challenge;
        } catch (JsonProcessingException | UnsupportedOperationException e) {
            return challenge;
        }
    }
}
