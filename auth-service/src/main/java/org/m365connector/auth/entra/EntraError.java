package org.m365connector.auth.entra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What Entra said when it refused. Its description is left out: it is for people, changes without notice and may name persons.
 *
 * @param error the stable word that decisions are made on; empty where the answer was not the JSON that Entra speaks
 * @param number the AADSTS number, for diagnosis only
 * @param claims what has to be handed to the next login
 */
public record EntraError(
        int status,
        String error,
        Optional<String> suberror,
        OptionalLong number,
        Optional<String> claims,
        Optional<Duration> retryAfter) {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** AADSTS700024: the client assertion is not within its valid time range. */
    private static final long OUT_OF_TIME = 700_024;
    /** AADSTS50196: the same was asked for again and again. */
    private static final long LOOP = 50_196;

    private static final Duration LOOP_PAUSE = Duration.ofMinutes(1);

    static EntraError of(int status, Optional<Duration> retryAfter, String body) {
        JsonNode json;
        try {
            json = JSON.readTree(body == null ? "" : body);
        } catch (JsonProcessingException e) {
            json = JSON.createObjectNode();
        }
        JsonNode number = json.path("error_codes").path(0);
        return new EntraError(
                status,
                json.path("error").asText(""),
                text(json, "suberror"),
                number.isIntegralNumber() ? OptionalLong.of(number.asLong()) : OptionalLong.empty(),
                text(json, "claims"),
                retryAfter);
    }

    /** Nothing that could be read came back: no connection, a timeout, an answer that is not JSON. */
    static EntraError unreachable() {
        return new EntraError(0, "", Optional.empty(), OptionalLong.empty(), Optional.empty(), Optional.empty());
    }

    /** The credential cannot even be tried. It is to us as if Entra had refused it; the cause is the suberror. */
    static EntraError unusable(CredentialUnusable.Cause cause) {
        return new EntraError(
                400,
                "invalid_client",
                Optional.of(cause.slug()),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The decision that follows. */
    public EntraFailure failure() {
        if (status == 0 || status == 429 || status >= 500) {
            return new EntraFailure.Transient(retryAfter);
        }
        if (number.isPresent() && number.getAsLong() == LOOP) {
            // An invalid_grant by name, yet the grant is good: it was only asked for too often.
            return new EntraFailure.Transient(retryAfter.or(() -> Optional.of(LOOP_PAUSE)));
        }
        return switch (error) {
            case "temporarily_unavailable", "server_error" -> new EntraFailure.Transient(retryAfter);
            case "consent_required" -> new EntraFailure.NeedsLogin(true, claims);
            case "interaction_required", "login_required" -> new EntraFailure.NeedsLogin(false, claims);
            case "invalid_grant" ->
                switch (suberror.orElse("")) {
                    case "message_only" -> new EntraFailure.Blocked();
                    case "consent_required" -> new EntraFailure.NeedsLogin(true, claims);
                    default -> new EntraFailure.NeedsLogin(false, claims);
                };
            // One person, one device or one place is kept out; the app is as it should be.
            case "access_denied" -> new EntraFailure.Blocked();
            case "invalid_client" -> new EntraFailure.Configuration(true);
            case "" -> new EntraFailure.Transient(retryAfter);
            default -> new EntraFailure.Configuration(false);
        };
    }

    /** A proof is too young or too old to Entra; perhaps its clock and ours differ, perhaps it was long on its way. */
    boolean isOutOfTime() {
        return number.isPresent() && number.getAsLong() == OUT_OF_TIME;
    }

    /** For logs and people: {@code invalid_grant AADSTS50173}, {@code invalid_client token-file-missing}. */
    public String code() {
        String word = error.isEmpty() ? "status " + status : error;
        if (number.isEmpty() && suberror.isPresent()) {
            return word + " " + suberror.get();
        }
        return number.isPresent() ? word + " AADSTS" + number.getAsLong() : word;
    }

    private static Optional<String> text(JsonNode json, String member) {
        return Optional.of(json.path(member).asText("")).filter(value -> !value.isEmpty());
    }
}
