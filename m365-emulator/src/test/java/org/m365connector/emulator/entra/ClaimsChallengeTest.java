package org.m365connector.emulator.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.entra.EntraClientOfTests.authorization;
import static org.m365connector.emulator.entra.EntraClientOfTests.claims;
import static org.m365connector.emulator.entra.EntraClientOfTests.redemption;
import static org.m365connector.emulator.entra.EntraClientOfTests.refreshing;
import static org.m365connector.emulator.entra.EntraClientOfTests.with;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.entra.EntraClientOfTests.Answer;

/** Graph wants more from a token than it has, and what answers that. */
class ClaimsChallengeTest {

    private static final String DEMANDED = "{\"access_token\":{\"acrs\":{\"essential\":true, \"value\":\"c1\"}}}";

    private static Emulator emulator;
    private static EntraClientOfTests entra;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        entra = new EntraClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
    }

    @Test
    void graphChallengesInMicrosoftsShapeAndARefreshWithTheClaimsAnswersIt() {
        Answer tokens = entra.signedIn(Seed.BEN);
        assertThat(me(tokens).status()).isEqualTo(200);
        demand("\"refresh\"");

        Answer refused = me(tokens);

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().path("error").path("code").asText()).isEqualTo("InvalidAuthenticationToken");
        String header = refused.raw().headers().firstValue("WWW-Authenticate").orElseThrow();
        assertThat(header)
                .startsWith("Bearer realm=\"\", authorization_uri=")
                .contains("error=\"insufficient_claims\"");
        assertThat(challenge(header)).isEqualTo(DEMANDED);

        Answer without = entra.token(refreshing(tokens.text("refresh_token")));
        assertThat(me(without).status()).isEqualTo(401);
        Answer satisfied = entra.token(with(refreshing(tokens.text("refresh_token")), "claims", DEMANDED));
        assertThat(me(satisfied).status()).isEqualTo(200);
        assertThat(claims(satisfied.text("access_token")).path("acrs").path(0).asText())
                .isEqualTo("c1");

        demand("false");
        assertThat(me(tokens).status()).isEqualTo(200);
    }

    @Test
    void whereTheUserHasToAnswerARefreshIsRefusedWithTheClaimsForTheSignIn() {
        FormBrowser browser = entra.browser();
        String code = browser.signIn(browser.open(entra.authorizeUrl(authorization())), Seed.BEN, Seed.PASSWORD)
                .parameters()
                .get("code");
        Answer tokens = entra.token(redemption(code));
        demand("\"signIn\"");

        Answer refused = entra.token(with(refreshing(tokens.text("refresh_token")), "claims", DEMANDED));

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("error")).isEqualTo("interaction_required");
        assertThat(refused.text("claims")).isEqualTo(DEMANDED);

        // Without the claims a session is enough, and so the token is not.
        FormBrowser.Page unasked = browser.open(entra.authorizeUrl(with(authorization(), "prompt", "none")));
        assertThat(me(entra.token(redemption(unasked.parameters().get("code")))).status())
                .isEqualTo(401);
        // With them, the user has to sign in once more.
        FormBrowser.Page silent = browser.open(
                entra.authorizeUrl(with(authorization(), "prompt", "none", "claims", refused.text("claims"))));
        assertThat(silent.parameters()).containsEntry("error", "interaction_required");
        FormBrowser.Page page =
                browser.open(entra.authorizeUrl(with(authorization(), "claims", refused.text("claims"))));
        assertThat(page.body()).contains("name=\"passwd\"");
        FormBrowser.Page end = browser.signIn(page, Seed.BEN, Seed.PASSWORD);
        Answer satisfied = entra.token(redemption(end.parameters().get("code")));
        assertThat(me(satisfied).status()).isEqualTo(200);
        assertThat(me(entra.token(refreshing(satisfied.text("refresh_token")))).status())
                .isEqualTo(200);
    }

    @Test
    void aMisspeltDemandIsRefused() {
        assertThat(entra.control("accounts/" + Seed.BEN, "{\"claimsDemanded\":\"login\"}")
                        .status())
                .isEqualTo(400);
    }

    private static void demand(String how) {
        assertThat(entra.control("accounts/" + Seed.BEN, "{\"claimsDemanded\":" + how + "}")
                        .status())
                .isEqualTo(200);
    }

    private static Answer me(Answer tokens) {
        return entra.get("/v1.0/me", "Authorization", "Bearer " + tokens.text("access_token"));
    }

    private static String challenge(String header) {
        Matcher claims = Pattern.compile("claims=\"([^\"]+)\"").matcher(header);
        assertThat(claims.find()).isTrue();
        return new String(Base64.getDecoder().decode(claims.group(1)), StandardCharsets.UTF_8);
    }
}
