package org.m365connector.graphproxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChallengeTest {

    private static final String CLAIMS = "{\"access_token\":{\"nbf\":{\"essential\":true, \"value\":\"1726258122\"}}}";
    private static final String ENCODED =
            "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTcyNjI1ODEyMiJ9fX0";

    @Test
    void claimsAreFoundAmongOtherChallenges() {
        String header = "PoP nonce=\"abc\", Bearer realm=\"\", client_id=\"00000003-0000-0000-c000-000000000000\", "
                + "error=\"insufficient_claims\", claims=\"" + ENCODED + "\"";

        assertThat(Challenge.claims(List.of("Negotiate", header))).hasValue(CLAIMS);
        assertThat(Challenge.claims(List.of(header.replace(ENCODED, ENCODED + "="))))
                .hasValue(CLAIMS);
    }

    @Test
    void plainChallengeHasNone() {
        assertThat(Challenge.claims(List.of("Bearer realm=\"\", error=\"invalid_token\"")))
                .isEmpty();
        assertThat(Challenge.claims(List.of("Bearer claims=\"***\""))).isEmpty();
        assertThat(Challenge.claims(List.of())).isEmpty();
    }
}
