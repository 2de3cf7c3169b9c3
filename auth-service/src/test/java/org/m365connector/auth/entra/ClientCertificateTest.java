package org.m365connector.auth.entra;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.CertificateOfTests;

class ClientCertificateTest {

    private static final URI ENDPOINT = URI.create("https://login.example/tenant/oauth2/v2.0/token");
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

    private final CertificateOfTests made = new CertificateOfTests();

    @Test
    void theAssertionIsWhatMicrosoftAsksFor() throws Exception {
        String thumbprint = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(MessageDigest.getInstance("SHA-256")
                        .digest(made.certificate().getEncoded()));
        ClientCertificate certificate = new ClientCertificate("id", made.keyText(), thumbprint);

        JsonWebSignature first = parsed(certificate);
        JwtClaims claims = JwtClaims.parse(first.getPayload());

        assertThat(first.getAlgorithmHeaderValue()).isEqualTo("PS256");
        assertThat(first.getHeader("typ")).isEqualTo("JWT");
        assertThat(first.getX509CertSha256ThumbprintHeaderValue()).isEqualTo(thumbprint);
        assertThat(claims.getAudience()).containsExactly(ENDPOINT.toString());
        assertThat(claims.getIssuer()).isEqualTo("client");
        assertThat(claims.getSubject()).isEqualTo("client");
        Instant begin = Instant.ofEpochSecond(claims.getNotBefore().getValue());
        Instant end = Instant.ofEpochSecond(claims.getExpirationTime().getValue());
        assertThat(begin).isBefore(NOW);
        assertThat(end).isAfter(NOW);
        assertThat(Duration.between(begin, end)).isLessThanOrEqualTo(Duration.ofMinutes(10));
        JwtClaims again = JwtClaims.parse(parsed(certificate).getPayload());
        assertThat(again.getJwtId()).isNotEqualTo(claims.getJwtId());
    }

    private JsonWebSignature parsed(ClientCertificate certificate) throws Exception {
        Map<String, String> form = new HashMap<>();
        certificate.addTo(form, new ClientCredential.Occasion("client", ENDPOINT, NOW));
        assertThat(form)
                .containsOnlyKeys("client_assertion_type", "client_assertion")
                .containsEntry("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        JsonWebSignature assertion = new JsonWebSignature();
        assertion.setCompactSerialization(form.get("client_assertion"));
        assertion.setKey(made.certificate().getPublicKey());
        assertThat(assertion.verifySignature()).isTrue();
        return assertion;
    }
}
