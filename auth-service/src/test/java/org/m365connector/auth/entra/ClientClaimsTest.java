package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClientClaimsTest {

    private static final String CHALLENGE =
            "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"}},\"id_token\":{\"acrs\":null}}";

    @Test
    void aChallengeIsHandedOnUnchangedWhereTheClientPromisesNothing() {
        assertThat(ClientClaims.of(false, Optional.of(CHALLENGE))).contains(CHALLENGE);
        assertThat(ClientClaims.of(false, Optional.empty())).isEmpty();
    }

    @Test
    void whatTheClientCanIsSaidAloneAndBesideEveryChallenge() {
        assertThat(ClientClaims.of(true, Optional.empty()))
                .contains("{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}");
        assertThat(ClientClaims.of(true, Optional.of(CHALLENGE)))
                .contains("{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1726258122\"},"
                        + "\"xms_cc\":{\"values\":[\"cp1\"]}},\"id_token\":{\"acrs\":null}}");
    }

    @Test
    void whatIsNoObjectOfClaimsIsLeftToEntra() {
        for (String strange : new String[] {"", "[]", "not json", "{\"access_token\":7}"}) {
            assertThat(ClientClaims.of(true, Optional.of(strange))).contains(strange);
        }
    }
}
