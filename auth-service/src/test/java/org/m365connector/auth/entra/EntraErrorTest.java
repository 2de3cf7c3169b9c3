package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The decision table of the fact sheet, 5.2. */
class EntraErrorTest {

    @Test
    void whatMayPassIsTransient() {
        assertThat(failure(429, "{}")).isEqualTo(new EntraFailure.Transient(Optional.of(Duration.ofSeconds(7))));
        assertThat(failure(503, "<html>busy</html>").retryable()).isTrue();
        assertThat(failure(400, error("temporarily_unavailable", 90055)).retryable())
                .isTrue();
        assertThat(failure(400, error("server_error", 50000)).retryable()).isTrue();
        assertThat(EntraError.unreachable().failure().retryable()).isTrue();
        assertThat(failure(400, "<html>a proxy says no</html>").retryable()).isTrue();
    }

    @Test
    void somebodyHasToSignIn() {
        for (String error : new String[] {"invalid_grant", "interaction_required", "login_required"}) {
            assertThat(failure(400, error(error, 50173)))
                    .as(error)
                    .isEqualTo(new EntraFailure.NeedsLogin(false, Optional.empty()));
        }
        assertThat(failure(400, error("consent_required", 65001)))
                .isEqualTo(new EntraFailure.NeedsLogin(true, Optional.empty()));
        assertThat(failure(400, "{\"error\":\"invalid_grant\",\"suberror\":\"consent_required\"}"))
                .isEqualTo(new EntraFailure.NeedsLogin(true, Optional.empty()));
        assertThat(failure(400, "{\"error\":\"interaction_required\",\"claims\":\"{\\\"access_token\\\":{}}\"}"))
                .isEqualTo(new EntraFailure.NeedsLogin(false, Optional.of("{\"access_token\":{}}")));
    }

    @Test
    void aPolicyBlocks() {
        assertThat(failure(400, "{\"error\":\"invalid_grant\",\"suberror\":\"message_only\",\"error_codes\":[53003]}"))
                .isEqualTo(new EntraFailure.Blocked());
    }

    @Test
    void onePersonIsKeptOutByWord() {
        for (int number : new int[] {50105, 53000, 53003}) {
            assertThat(failure(400, error("access_denied", number))).isEqualTo(new EntraFailure.Blocked());
        }
    }

    @Test
    void aGrantThatWasAskedForTooOftenIsStillGood() {
        assertThat(failure(400, error("invalid_grant", 50196)).retryable()).isTrue();
    }

    @Test
    void theRegistrationIsWrong() {
        assertThat(failure(401, error("invalid_client", 7000222))).isEqualTo(new EntraFailure.Configuration(true));
        assertThat(failure(400, error("invalid_client", 7000215))).isEqualTo(new EntraFailure.Configuration(true));
        for (String error :
                new String[] {"unauthorized_client", "invalid_scope", "invalid_resource", "invalid_request"}) {
            assertThat(failure(400, error(error, 700016))).as(error).isEqualTo(new EntraFailure.Configuration(false));
        }
    }

    @Test
    void theCodeForTheLogHasTheWordAndTheNumberAndNoDescription() {
        assertThat(error(400, error("invalid_grant", 50173)).code()).isEqualTo("invalid_grant AADSTS50173");
        assertThat(error(502, "<html>").code()).isEqualTo("status 502");
    }

    private static EntraFailure failure(int status, String body) {
        return error(status, body).failure();
    }

    private static EntraError error(int status, String body) {
        return EntraError.of(status, status == 429 ? Optional.of(Duration.ofSeconds(7)) : Optional.empty(), body);
    }

    private static String error(String error, int number) {
        return "{\"error\":\"%s\",\"error_description\":\"AADSTS%d: ada@contoso.example …\",\"error_codes\":[%d]}"
                .formatted(error, number, number);
    }
}
