package org.m365connector.auth.token;

import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.m365connector.auth.AuthIT;
import org.m365connector.auth.CertificateOfTests;
import org.m365connector.auth.Leaks;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.emulator.Seed;
import org.m365connector.events.AccountId;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.Topics;

/** Plays everything that has to do with secrets, then looks for them wherever they must not be. */
@QuarkusTest
class SecretsIT extends AuthIT {

    @Inject
    DataSource database;

    @Inject
    TokenStore store;

    @ConfigProperty(name = "m365.vault.keyset")
    String keyset;

    @Test
    void noSecretAndNoTokenIsInTheDatabaseTheLogTheEventsTheMetricsTheReportsOrAProblem() {
        onboard();
        register();
        CertificateOfTests certificate = new CertificateOfTests();
        asAdmin()
                .body(Map.of(
                        "kind",
                        "certificate",
                        "pkcs12",
                        certificate.pkcs12("password-of-the-pfx"),
                        "password",
                        "password-of-the-pfx"))
                .post(registrationPath("/credentials"))
                .then()
                .statusCode(201);
        String ticket = lastPart(loginUrl(ben, Seed.BEN));
        String used = loginUrl(ben, Seed.BEN);
        signIn(used, Seed.BEN);
        String delegated = token("user:" + ben).statusCode(200).extract().path("accessToken");
        String appOnly = token("service").statusCode(200).extract().path("accessToken");
        AccountKey key = new AccountKey(portal, new RegistrationName(REGISTRATION), AccountId.ofUser(ben));
        StoredTokens stored = store.read(key).orElseThrow();
        // A failure as well: errors are where secrets like to get out.
        entra.app(Seed.CLIENT_ID, Map.of("secretExpired", true));
        String problem = token(Map.of(
                        "portal",
                        portal.value(),
                        "registration",
                        REGISTRATION,
                        "account",
                        "user:" + ben,
                        "claims",
                        "{}"))
                .statusCode(503)
                .extract()
                .asString();
        await().atMost(PATIENCE)
                .until(() -> types(Topics.logins(portal), ben.value()), List.of(LoginCompleted.TYPE)::equals);

        Map<String, String> secrets = new LinkedHashMap<>();
        secrets.put("client secret", Seed.CLIENT_SECRET);
        secrets.put("private key", certificate.keyText());
        secrets.put("password of the certificate", "password-of-the-pfx");
        secrets.put("portal key", portalKey);
        secrets.put("ticket", ticket);
        secrets.put("used ticket", lastPart(used));
        secrets.put("delegated access token", delegated);
        secrets.put("app-only access token", appOnly);
        secrets.put("refresh token", stored.refreshToken().orElseThrow());
        secrets.put("admin key", ADMIN_KEY);
        secrets.put("service key", SERVICE_KEY);
        secrets.put("vault keyset", keyset);

        Leaks leaks = new Leaks(database, this::records, portal);
        leaks.place("problem", problem);
        leaks.assertNoneOf(secrets);
    }

    private static String lastPart(String url) {
        return url.substring(url.lastIndexOf('/') + 1);
    }
}
