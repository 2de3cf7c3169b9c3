package org.m365connector.emulator.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.UserAccount;

class TokenInspectorTest {

    private static final String GRAPH = "https://graph.microsoft.com";

    private static Emulator emulator;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
    }

    private static String issued(String audience, String upn, boolean handlesChallenges) {
        return emulator.ask(state -> state.tokenIssuer()
                .forUser(
                        audience,
                        app(state),
                        true,
                        user(state, upn),
                        Set.of("User.Read", "openid"),
                        false,
                        handlesChallenges)
                .bearer());
    }

    private static AppRegistration app(EmulatorState state) {
        return state.directory().app(Seed.CLIENT_ID).orElseThrow();
    }

    private static UserAccount user(EmulatorState state, String upn) {
        return state.directory().userByUpn(upn).orElseThrow();
    }

    private static TokenInspection inspect(String bearer) {
        return emulator.ask(state -> state.tokens().inspect(bearer));
    }

    @Test
    void aUsersTokenIsReadBack() {
        assertThat(inspect("Bearer " + issued(GRAPH, Seed.BEN, false)))
                .isInstanceOfSatisfying(TokenInspection.Valid.class, valid -> {
                    assertThat(valid.token().oid()).contains(Seed.BEN_OID);
                    assertThat(valid.token().tid()).isEqualTo(Seed.TENANT_ID);
                    assertThat(valid.token().appId()).isEqualTo(Seed.CLIENT_ID);
                    assertThat(valid.token().scopes()).containsExactlyInAnyOrder("User.Read", "openid");
                    assertThat(valid.token().appOnly()).isFalse();
                    assertThat(valid.token().personal()).isFalse();
                });
    }

    @Test
    void anAppsTokenIsReadBack() {
        String bearer = emulator.ask(state -> state.tokenIssuer()
                .forApp(GRAPH, app(state), app(state).tenant(), Set.of("Mail.Send"), false)
                .bearer());

        assertThat(inspect(bearer)).isInstanceOfSatisfying(TokenInspection.Valid.class, valid -> {
            assertThat(valid.token().appOnly()).isTrue();
            assertThat(valid.token().oid()).isEmpty();
            assertThat(valid.token().roles()).containsExactly("Mail.Send");
        });
    }

    @Test
    void aPersonalTokenIsOpaqueAndKnown() {
        String bearer = issued(GRAPH, Seed.DORA, false);

        assertThat(bearer).doesNotContain(".");
        assertThat(inspect(bearer)).isInstanceOfSatisfying(TokenInspection.Valid.class, valid -> assertThat(
                        valid.token().personal())
                .isTrue());
    }

    @Test
    void tokensExpireAndMayBeForSomethingElse() {
        String bearer = issued(GRAPH, Seed.BEN, false);
        emulator.advance(Duration.ofSeconds(5401));
        assertThat(inspect(bearer)).isInstanceOf(TokenInspection.Expired.class);

        assertThat(inspect(issued("https://management.azure.com", Seed.BEN, false)))
                .isInstanceOf(TokenInspection.WrongAudience.class);
        String idToken = emulator.ask(state -> state.tokenIssuer()
                .idToken(
                        "http://x",
                        app(state),
                        user(state, Seed.BEN),
                        Set.of("profile"),
                        Optional.empty(),
                        state.clock().instant(),
                        "s"));
        assertThat(inspect(idToken)).isInstanceOf(TokenInspection.WrongAudience.class);
    }

    @Test
    void whatWeDidNotIssueIsMalformed() {
        String bearer = issued(GRAPH, Seed.BEN, false);
        String[] parts = bearer.split("\\.", -1);
        String forged = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
                .replace(Seed.BEN_OID, Seed.ADA_OID);
        String changed = parts[0] + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(forged.getBytes(StandardCharsets.UTF_8))
                + "." + parts[2];

        assertThat(inspect(changed)).isInstanceOf(TokenInspection.Malformed.class);
        assertThat(inspect("abc")).isInstanceOf(TokenInspection.Malformed.class);
        assertThat(inspect("")).isEqualTo(new TokenInspection.Malformed("Access token is empty."));
        assertThat(inspect(null)).isEqualTo(new TokenInspection.Malformed("Access token is empty."));
    }

    @Test
    void aRevocationEndsOnlyTokensOfClientsThatHandleChallenges() {
        String usual = issued(GRAPH, Seed.BEN, false);
        String challenged = issued(GRAPH, Seed.BEN, true);

        emulator.ask(state -> {
            user(state, Seed.BEN).revokeEverything(state.clock().instant());
            return state;
        });

        assertThat(inspect(usual)).isInstanceOf(TokenInspection.Valid.class);
        assertThat(inspect(challenged)).isInstanceOf(TokenInspection.Revoked.class);
        assertThat(inspect(issued(GRAPH, Seed.BEN, true))).isInstanceOf(TokenInspection.Valid.class);
    }
}
