package org.m365connector.emulator.entra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.microsoft.aad.msal4j.AuthorizationCodeParameters;
import com.microsoft.aad.msal4j.AuthorizationRequestUrlParameters;
import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.DeviceCode;
import com.microsoft.aad.msal4j.DeviceCodeFlowParameters;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.IClientCredential;
import com.microsoft.aad.msal4j.InteractionRequiredExceptionReason;
import com.microsoft.aad.msal4j.MsalInteractionRequiredException;
import com.microsoft.aad.msal4j.MsalServiceException;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.SilentParameters;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.EmulatorOptions;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.emulator.browser.FormBrowser.Page;

/** Microsoft's own client, unmodified, finds here what it expects of Entra ID: over HTTPS, trusting the emulator's authority. */
class MsalContractIT {

    private static final String CALLBACK = "http://localhost:8081/oauth2/callback";
    private static final Set<String> SCOPES = Set.of("User.Read", "Mail.ReadWrite");
    private static final Set<String> APP_SCOPES = Set.of("https://graph.microsoft.com/.default");

    private static Emulator emulator;
    private static EntraClientOfTests entra;
    private static SSLContext tls;

    @BeforeAll
    static void start() throws Exception {
        emulator = Emulator.start(EmulatorOptions.defaults().withLimit("entra.devicePollSeconds", 1));
        entra = new EntraClientOfTests(emulator);
        tls = trusting(emulator.caPem());
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
    }

    private static SSLContext trusting(String pem) throws Exception {
        Certificate authority = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("emulator", authority);
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static String authority() {
        return emulator.httpsBase() + "/" + Seed.TENANT_ID + "/v2.0";
    }

    private static ConfidentialClientApplication webApp(String secret) throws Exception {
        return webApp(ClientCredentialFactory.createFromSecret(secret));
    }

    private static ConfidentialClientApplication webApp(IClientCredential credential) throws Exception {
        return ConfidentialClientApplication.builder(Seed.CLIENT_ID, credential)
                .oidcAuthority(authority())
                .instanceDiscovery(false)
                .sslSocketFactory(tls.getSocketFactory())
                .build();
    }

    private static ConfidentialClientApplication webApp() throws Exception {
        return webApp(Seed.CLIENT_SECRET);
    }

    private static PublicClientApplication deviceApp() throws Exception {
        return PublicClientApplication.builder(Seed.CLIENT_ID)
                .oidcAuthority(authority())
                .instanceDiscovery(false)
                .sslSocketFactory(tls.getSocketFactory())
                .build();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> future) {
        Throwable thrown = catchThrowable(() -> get(future));
        return thrown instanceof ExecutionException ? thrown.getCause() : thrown;
    }

    /** Plays the pages that MSAL's authorization URL opens, up to the redirect. */
    private static Page played(ConfidentialClientApplication app) {
        AuthorizationRequestUrlParameters parameters = AuthorizationRequestUrlParameters.builder(CALLBACK, SCOPES)
                .state("s")
                .nonce("n")
                .codeChallenge(EntraClientOfTests.CHALLENGE)
                .codeChallengeMethod("S256")
                .loginHint(Seed.BEN)
                .build();
        FormBrowser browser = FormBrowser.stoppingAt(uri -> uri.toString().startsWith(CALLBACK), tls);
        Page login = browser.open(app.getAuthorizationRequestUrl(parameters).toString());
        return browser.signIn(login, Seed.BEN, Seed.PASSWORD);
    }

    private static IAuthenticationResult signedIn(ConfidentialClientApplication app) throws Exception {
        return get(app.acquireToken(redemption(played(app).parameters().get("code"))));
    }

    private static AuthorizationCodeParameters redemption(String code) {
        return AuthorizationCodeParameters.builder(code, URI.create(CALLBACK))
                .scopes(SCOPES)
                .codeVerifier(EntraClientOfTests.VERIFIER)
                .build();
    }

    private static SilentParameters silently(IAuthenticationResult result) {
        return SilentParameters.builder(SCOPES, result.account())
                .forceRefresh(true)
                .build();
    }

    @Test
    void authorizationCodeWithProofKey() throws Exception {
        IAuthenticationResult result = signedIn(webApp());

        assertThat(result.account().username()).isEqualTo(Seed.BEN);
        assertThat(result.account().homeAccountId()).isEqualTo(Seed.BEN_OID + "." + Seed.TENANT_ID);
        assertThat(result.scopes()).contains("Mail.ReadWrite");
        assertThat(result.expiresOnDate()).isInTheFuture();
    }

    @Test
    void formPostIsWhatMsalAsksForByDefault() throws Exception {
        Page page = played(webApp());

        assertThat(page.body()).contains("action=\"" + CALLBACK + "\"", "name=\"code\"", "name=\"state\" value=\"s\"");
    }

    @Test
    void silentRefresh() throws Exception {
        ConfidentialClientApplication app = webApp();
        IAuthenticationResult first = signedIn(app);

        IAuthenticationResult second = get(app.acquireTokenSilently(silently(first)));

        assertThat(second.accessToken()).isNotEqualTo(first.accessToken());
        assertThat(second.account().homeAccountId()).isEqualTo(first.account().homeAccountId());
    }

    @Test
    void clientCredentials() throws Exception {
        IAuthenticationResult result = get(webApp().acquireToken(
                        ClientCredentialParameters.builder(APP_SCOPES).build()));

        assertThat(result.accessToken()).isNotBlank();
        assertThat(result.account()).isNull();
    }

    @Test
    void clientCredentialsWithACertificate() throws Exception {
        AssertionsOfTests assertions = new AssertionsOfTests();
        entra.control("apps/" + Seed.CLIENT_ID, assertions.registration());
        ConfidentialClientApplication app =
                webApp(ClientCredentialFactory.createFromCertificate(assertions.key(), assertions.certificate()));

        IAuthenticationResult result = get(
                app.acquireToken(ClientCredentialParameters.builder(APP_SCOPES).build()));

        assertThat(result.accessToken()).isNotBlank();
    }

    @Test
    void aCertificateThatIsNotRegisteredIsAServiceError() throws Exception {
        AssertionsOfTests assertions = new AssertionsOfTests();
        ConfidentialClientApplication app =
                webApp(ClientCredentialFactory.createFromCertificate(assertions.key(), assertions.certificate()));

        Throwable thrown = failure(
                app.acquireToken(ClientCredentialParameters.builder(APP_SCOPES).build()));

        assertThat(thrown).isInstanceOfSatisfying(MsalServiceException.class, e -> {
            assertThat(e.errorCode()).isEqualTo("invalid_client");
            assertThat(e.getMessage()).startsWith("AADSTS700027");
        });
    }

    @Test
    void authorizationCodeAndSilentRefreshWithACertificate() throws Exception {
        AssertionsOfTests assertions = new AssertionsOfTests();
        entra.control("apps/" + Seed.CLIENT_ID, assertions.registration());
        ConfidentialClientApplication app =
                webApp(ClientCredentialFactory.createFromCertificate(assertions.key(), assertions.certificate()));

        IAuthenticationResult first = signedIn(app);
        IAuthenticationResult second = get(app.acquireTokenSilently(silently(first)));

        assertThat(second.accessToken()).isNotEqualTo(first.accessToken());
    }

    @Test
    void clientCredentialsWithTheTokenOfATrustedIssuer() throws Exception {
        AssertionsOfTests assertions = new AssertionsOfTests();
        entra.control("apps/" + Seed.CLIENT_ID, assertions.federation());
        ConfidentialClientApplication app =
                webApp(ClientCredentialFactory.createFromClientAssertion(assertions.federated(Map.of())));

        IAuthenticationResult result = get(
                app.acquireToken(ClientCredentialParameters.builder(APP_SCOPES).build()));

        assertThat(result.accessToken()).isNotBlank();
    }

    @Test
    void deviceCode() throws Exception {
        IAuthenticationResult result = get(deviceApp().acquireToken(device(MsalContractIT::approve)));

        assertThat(result.account().username()).isEqualTo(Seed.PORTAL);
        assertThat(entra.get("/_emulator/requests")
                        .json()
                        .path("counters")
                        .path("token.device_code")
                        .asInt())
                .isPositive();
    }

    private static DeviceCodeFlowParameters device(BiConsumer<FormBrowser, Page> play) {
        return DeviceCodeFlowParameters.builder(SCOPES, code -> play.accept(browserFor(code), page(code)))
                .build();
    }

    private static FormBrowser browserFor(DeviceCode code) {
        assertThat(code.message()).contains(code.userCode());
        return FormBrowser.stoppingAt(uri -> false, tls);
    }

    private static Page page(DeviceCode code) {
        FormBrowser browser = FormBrowser.stoppingAt(uri -> false, tls);
        return browser.submit(browser.open(code.verificationUri()), Map.of("otc", code.userCode()));
    }

    private static void approve(FormBrowser browser, Page login) {
        browser.signIn(login, Seed.PORTAL, Seed.PASSWORD);
    }

    // An error of each kind

    @Test
    void aWrongSecretIsAServiceError() throws Exception {
        Throwable thrown = failure(webApp("wrong")
                .acquireToken(ClientCredentialParameters.builder(APP_SCOPES).build()));

        assertThat(thrown).isInstanceOfSatisfying(MsalServiceException.class, e -> {
            assertThat(e.errorCode()).isEqualTo("invalid_client");
            assertThat(e.statusCode()).isEqualTo(401);
            assertThat(e.getMessage()).startsWith("AADSTS7000215");
            assertThat(e.correlationId()).isNotBlank();
        });
    }

    @Test
    void aWrongScopeIsAServiceError() throws Exception {
        Throwable thrown = failure(webApp().acquireToken(
                        ClientCredentialParameters.builder(Set.of("https://graph.microsoft.com/Mail.Send"))
                                .build()));

        assertThat(thrown).isInstanceOfSatisfying(MsalServiceException.class, e -> assertThat(e.errorCode())
                .isEqualTo("invalid_scope"));
    }

    @Test
    void aUsedCodeNeedsInteraction() throws Exception {
        ConfidentialClientApplication app = webApp();
        String code = played(app).parameters().get("code");
        get(app.acquireToken(redemption(code)));

        Throwable thrown = failure(app.acquireToken(redemption(code)));

        assertThat(thrown).isInstanceOfSatisfying(MsalInteractionRequiredException.class, e -> assertThat(e.errorCode())
                .isEqualTo("invalid_grant"));
    }

    @Test
    void withdrawnConsentAndRevocationNeedInteraction() throws Exception {
        ConfidentialClientApplication app = webApp();
        IAuthenticationResult result = signedIn(app);

        entra.control("accounts/" + Seed.BEN, "{\"consentWithdrawn\":true}");
        assertThat(failure(app.acquireTokenSilently(silently(result))))
                .isInstanceOfSatisfying(MsalInteractionRequiredException.class, e -> assertThat(e.reason())
                        .isEqualTo(InteractionRequiredExceptionReason.CONSENT_REQUIRED));

        entra.control("accounts/" + Seed.BEN, "{\"revoke\":true}");
        assertThat(failure(app.acquireTokenSilently(silently(result))))
                .isInstanceOfSatisfying(MsalInteractionRequiredException.class, e -> assertThat(e.getMessage())
                        .startsWith("AADSTS50173"));
    }

    @Test
    void aMissingSecondFactorComesWithTheClaimsToHandOn() throws Exception {
        ConfidentialClientApplication app = webApp();
        IAuthenticationResult result = signedIn(app);
        entra.control("accounts/" + Seed.BEN, "{\"mfaRequired\":true}");

        // MSAL4J takes only invalid_grant for a need of interaction; what it makes of this is its own affair.
        assertThat(failure(app.acquireTokenSilently(silently(result))))
                .isInstanceOfSatisfying(MsalServiceException.class, e -> {
                    assertThat(e.errorCode()).isEqualTo("interaction_required");
                    assertThat(e.claims()).contains("polids");
                });
    }

    @Test
    void aDeclinedDeviceIsAServiceError() throws Exception {
        Throwable thrown = failure(deviceApp().acquireToken(device((browser, login) -> {
            Page question = browser.submit(login, Map.of("login", Seed.PORTAL, "passwd", Seed.PASSWORD));
            browser.submit(question, Map.of("consent", "cancel"));
        })));

        assertThat(thrown).isInstanceOfSatisfying(MsalServiceException.class, e -> assertThat(e.errorCode())
                .isEqualTo("authorization_declined"));
    }

    @Test
    void throttlingIsAServiceErrorWithTheTimeToWait() throws Exception {
        entra.control("faults", "{\"match\":{\"path\":\"/token$\"},\"status\":429,\"retryAfter\":60}");

        Throwable thrown = failure(webApp().acquireToken(redemption("some code")));

        assertThat(thrown).isInstanceOfSatisfying(MsalServiceException.class, e -> {
            assertThat(e.statusCode()).isEqualTo(429);
            assertThat(e.headers().toString()).containsIgnoringCase("retry-after=[60]");
        });
    }

    @Test
    void anUnknownTenantIsNotFound() {
        Throwable thrown = catchThrowable(() -> get(ConfidentialClientApplication.builder(
                        Seed.CLIENT_ID, ClientCredentialFactory.createFromSecret(Seed.CLIENT_SECRET))
                .oidcAuthority(emulator.httpsBase() + "/nosuch.example/v2.0")
                .instanceDiscovery(false)
                .sslSocketFactory(tls.getSocketFactory())
                .build()
                .acquireToken(ClientCredentialParameters.builder(APP_SCOPES).build())));

        assertThat(thrown).isNotNull();
        assertThat(thrown.toString() + thrown.getCause()).contains("AADSTS90002");
    }
}
