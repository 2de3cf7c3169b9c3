package org.m365connector.auth.login;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoginFlowTest {

    @Test
    void theErrorOfTheAuthorizeEndpointBecomesAPage() {
        assertThat(LoginFlow.outcomeOf("access_denied", "")).isEqualTo(Outcome.CANCELLED);
        assertThat(LoginFlow.outcomeOf("access_denied", "65004")).isEqualTo(Outcome.CONSENTREFUSED);
        assertThat(LoginFlow.outcomeOf("access_denied", "90094")).isEqualTo(Outcome.ADMINCONSENT);
        assertThat(LoginFlow.outcomeOf("consent_required", "90095")).isEqualTo(Outcome.ADMINCONSENT);
        assertThat(LoginFlow.outcomeOf("access_denied", "50105")).isEqualTo(Outcome.NOTASSIGNED);
        assertThat(LoginFlow.outcomeOf("access_denied", "50057")).isEqualTo(Outcome.ACCOUNTDISABLED);
        assertThat(LoginFlow.outcomeOf("interaction_required", "50076")).isEqualTo(Outcome.MFAREQUIRED);
        assertThat(LoginFlow.outcomeOf("access_denied", "53003")).isEqualTo(Outcome.POLICYBLOCKED);
        assertThat(LoginFlow.outcomeOf("access_denied", "50020")).isEqualTo(Outcome.OTHERORGANIZATION);
        assertThat(LoginFlow.outcomeOf("access_denied", "50001")).isEqualTo(Outcome.ENTRAREFUSED);
        assertThat(LoginFlow.outcomeOf("temporarily_unavailable", "")).isEqualTo(Outcome.ENTRAUNAVAILABLE);
        assertThat(LoginFlow.outcomeOf("invalid_request", "900144")).isEqualTo(Outcome.MISCONFIGURED);
        assertThat(LoginFlow.outcomeOf("<script>", "")).isEqualTo(Outcome.ENTRAREFUSED);
    }
}
