package org.m365connector.emulator.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.m365connector.emulator.entra.EntraClientOfTests.appOnly;
import static org.m365connector.emulator.entra.EntraClientOfTests.with;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.entra.EntraClientOfTests;
import org.m365connector.emulator.entra.EntraClientOfTests.Answer;

class ControlDoorTest {

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
        assertThat(entra.control("reset", "").status()).isEqualTo(204);
    }

    @Test
    void requestsAreLoggedAndCountedWithoutSecrets() {
        entra.token(appOnly());
        entra.signedIn(Seed.BEN);

        Answer log = entra.get("/_emulator/requests");

        assertThat(log.json().path("counters").path("token").asInt()).isEqualTo(2);
        assertThat(log.json().path("counters").path("token.client_credentials").asInt())
                .isEqualTo(1);
        assertThat(log.json().path("counters").path("authorize").asInt()).isEqualTo(1);
        var last = log.json().path("requests").get(log.json().path("requests").size() - 1);
        assertThat(last.path("clientId").asText()).isEqualTo(Seed.CLIENT_ID);
        assertThat(last.path("user").asText()).isEqualTo(Seed.BEN);
        assertThat(last.path("status").asInt()).isEqualTo(200);
        assertThat(log.raw().body()).doesNotContain(Seed.PASSWORD, Seed.CLIENT_SECRET, "code=");

        assertThat(entra.get("/_emulator/requests?since=" + last.path("seq").asLong())
                        .json()
                        .path("requests"))
                .isEmpty();
        assertThat(entra.get("/_emulator/requests?since=" + Instant.now().plusSeconds(5))
                        .json()
                        .path("requests"))
                .isEmpty();
        assertThat(entra.get("/_emulator/requests?since=yesterday").status()).isEqualTo(400);
    }

    @Test
    void personIsAddedOnceAndIsGoneAfterTheReset() {
        String eve = "{'upn':'eve@contoso.example','givenName':'Eve','surname':'Moneypenny'}".replace('\'', '"');
        Answer added = entra.control("accounts", eve);
        assertThat(added.status()).isEqualTo(201);
        assertThat(added.json().path("displayName").asText()).isEqualTo("Eve Moneypenny");
        assertThat(added.json().path("mailbox").asBoolean()).isTrue();
        assertThat(entra.get("/_emulator/accounts/" + added.json().path("oid").asText())
                        .json()
                        .path("upn")
                        .asText())
                .isEqualTo("eve@contoso.example");

        assertThat(entra.control("accounts", eve).status()).isEqualTo(409);
        assertThat(entra.control("accounts", eve.replace("contoso", "fabrikam")).status())
                .isEqualTo(400);
        assertThat(entra.control("accounts", "{}").status()).isEqualTo(400);

        entra.control("reset", "");
        assertThat(entra.get("/_emulator/accounts/eve@contoso.example").status())
                .isEqualTo(404);
    }

    @Test
    void limitsOfEntraChangeWhileItRunsUntilTheReset() {
        String page = entra.authorizeUrl(EntraClientOfTests.authorization())
                .substring(emulator.httpBase().length());
        assertThat(entra.get(page).raw().headers().firstValue("Cross-Origin-Opener-Policy"))
                .isEmpty();

        assertThat(entra.control("entra", "{\"assumed\":{\"signInPagesCutOpener\":true}}")
                        .status())
                .isEqualTo(200);

        assertThat(entra.get(page).raw().headers().firstValue("Cross-Origin-Opener-Policy"))
                .contains("same-origin");
        assertThat(entra.control("entra", "{\"assumed\":{\"signInPageCutsOpener\":true}}")
                        .status())
                .isEqualTo(400);
        entra.control("reset", "");
        assertThat(entra.get(page).raw().headers().firstValue("Cross-Origin-Opener-Policy"))
                .isEmpty();
    }

    @Test
    void faultsHitWhatTheyMatchAsOftenAsTheyShould() {
        entra.control(
                "faults",
                "{\"match\":{\"method\":\"POST\",\"path\":\"/token$\",\"clientId\":\"" + Seed.CLIENT_ID
                        + "\"},\"status\":503,\"retryAfter\":7,\"times\":2}");

        Answer first = entra.token(appOnly());

        assertThat(first.status()).isEqualTo(503);
        assertThat(first.raw().headers().firstValue("Retry-After")).contains("7");
        assertThat(first.text("error")).isEqualTo("server_error");
        assertThat(entra.token(with(appOnly(), "client_id", "other")).status()).isEqualTo(400);
        assertThat(entra.token(appOnly()).status()).isEqualTo(503);
        assertThat(entra.token(appOnly()).status()).isEqualTo(200);
    }

    @Test
    void aFaultOnGraphLooksLikeGraph() {
        entra.control("faults", "{\"match\":{\"path\":\"^/v1.0/\"},\"status\":429}");

        Answer answer = entra.get("/v1.0/me", "client-request-id", "abc");

        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.json().path("error").path("code").asText()).isEqualTo("TooManyRequests");
        assertThat(answer.json()
                        .path("error")
                        .path("innerError")
                        .path("client-request-id")
                        .asText())
                .isEqualTo("abc");
        assertThat(answer.raw().headers().firstValue("Retry-After")).isEmpty();
    }

    @Test
    void aFaultMayAnswerHtmlOrBeSlow() {
        entra.control("faults", "{\"status\":502,\"html\":true,\"delayMs\":200,\"times\":1}");
        Instant before = Instant.now();

        Answer answer = entra.token(appOnly());

        assertThat(Duration.between(before, Instant.now())).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.raw().headers().firstValue("Content-Type")).contains("text/html");
    }

    @Test
    void aCutConnectionLosesTheRequestOrOnlyItsAnswer() {
        entra.control("faults", "{\"match\":{\"path\":\"/token$\"},\"reset\":true,\"times\":1}");
        assertThatThrownBy(() -> entra.token(appOnly())).isInstanceOf(UncheckedIOException.class);
        assertThat(counted("token")).isZero();

        entra.control("faults", "{\"match\":{\"path\":\"/token$\"},\"reset\":\"after\",\"times\":1}");
        assertThatThrownBy(() -> entra.token(appOnly())).isInstanceOf(UncheckedIOException.class);
        assertThat(counted("token")).isEqualTo(1);
    }

    private static int counted(String kind) {
        return entra.get("/_emulator/requests")
                .json()
                .path("counters")
                .path(kind)
                .asInt();
    }

    @Test
    void faultsCanBeListedAndTakenBack() {
        String id = entra.control("faults", "{\"status\":500}").text("id");
        assertThat(entra.get("/_emulator/faults").json()).hasSize(1);

        emulator.ask(state -> state.faults().remove(id));

        assertThat(entra.token(appOnly()).status()).isEqualTo(200);
    }

    @Test
    void theClockGoesForwardOnly() {
        Instant before = emulator.clock().instant();

        Instant now =
                Instant.parse(entra.control("clock", "{\"advance\":\"PT1H\"}").text("now"));

        assertThat(now).isAfterOrEqualTo(before.plus(Duration.ofHours(1)));
        assertThat(entra.control("clock", "{\"advance\":\"PT-1H\"}").status()).isEqualTo(400);
        assertThat(entra.control("clock", "{\"advance\":\"soon\"}").status()).isEqualTo(400);
    }

    @Test
    void misspeltSwitchesAreRefused() {
        assertThat(entra.control("accounts/" + Seed.BEN, "{\"revoked\":true}").status())
                .isEqualTo(400);
        assertThat(entra.control("apps/" + Seed.CLIENT_ID, "{\"secret\":\"x\"}").status())
                .isEqualTo(400);
        assertThat(entra.control("faults", "{\"state\":500}").status()).isEqualTo(400);
        assertThat(entra.control("faults", "{\"match\":{\"url\":\"x\"},\"status\":500}")
                        .status())
                .isEqualTo(400);
        assertThat(entra.control("clock", "[]").status()).isEqualTo(400);
        assertThat(entra.control("accounts/eve@contoso.example", "{\"revoke\":true}")
                        .status())
                .isEqualTo(404);
        assertThat(entra.control("apps/nobody", "{\"disabled\":true}").status()).isEqualTo(404);
    }

    @Test
    void resetBringsTheSeedBack() {
        String refresh = entra.signedIn(Seed.BEN).text("refresh_token");
        entra.control("accounts/" + Seed.BEN, "{\"renamedTo\":\"x@contoso.example\",\"blocked\":true}");
        entra.control("apps/" + Seed.CLIENT_ID, "{\"secretExpired\":true}");
        entra.control("clock", "{\"advance\":\"P10D\"}");

        entra.control("reset", "");

        assertThat(entra.get("/_emulator/accounts/" + Seed.BEN)
                        .json()
                        .path("blocked")
                        .asBoolean())
                .isFalse();
        assertThat(entra.token(appOnly()).status()).isEqualTo(200);
        assertThat(entra.token(EntraClientOfTests.refreshing(refresh))
                        .json()
                        .path("error_codes")
                        .get(0)
                        .asInt())
                .isEqualTo(70000);
        assertThat(emulator.clock().instant()).isBefore(Instant.now().plusSeconds(5));
    }
}
