package org.m365connector.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.entra.ClientCertificate;
import org.m365connector.auth.entra.ClientSecret;
import org.m365connector.auth.entra.DeviceCode;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.token.TokenAnswer;
import org.m365connector.events.AccountTypes;

/** Whatever ends up in a log by accident does not show a secret. */
class RedactionTest {

    @Test
    void secretsDoNotShowThemselves() {
        String secret = "very-secret";
        List<Object> holders = List.of(
                new ClientSecret("id", secret),
                new ClientCertificate("id", secret, "thumbprint"),
                new EntraApp("a", "t", "c", AccountTypes.BOTH, "g", List.of(new ClientSecret("id", secret))),
                new Grant.Granted(secret, Duration.ZERO, Optional.of(secret), Optional.of(secret), false),
                new DeviceCode(secret, "user", "uri", Duration.ZERO, Duration.ZERO),
                new TokenAnswer.Issued(secret, Instant.EPOCH, Instant.EPOCH, 1));

        assertThat(holders).allSatisfy(holder -> assertThat(holder.toString()).doesNotContain(secret));
    }
}
