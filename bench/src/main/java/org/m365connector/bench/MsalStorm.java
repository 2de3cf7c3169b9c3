package org.m365connector.bench;

import com.microsoft.aad.msal4j.AuthorizationCodeParameters;
import com.microsoft.aad.msal4j.AuthorizationRequestUrlParameters;
import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IAccount;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.SilentParameters;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.browser.FormBrowser;
import org.m365connector.local.suite.LocalException;

/**
 * The same storm with Microsoft's own client: callers of one expired token who share one application object and its cache,
 * as its documentation wants it.
 */
final class MsalStorm {

    private static final Set<String> SCOPES = Set.of("User.Read", "Mail.ReadWrite");

    private MsalStorm() {}

    /** How often it asks Entra. */
    static long calls(TokenStage stage, int callers) {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            SSLContext tls = trusting(stage.emulator().caPem());
            String signedIn = signIn(app(stage, tls, threads), stage, tls);
            ConfidentialClientApplication app = app(stage, tls, threads);
            app.tokenCache().deserialize(expired(signedIn));
            IAccount account =
                    app.getAccounts().get(30, TimeUnit.SECONDS).iterator().next();
            long mark = stage.mark();
            CountDownLatch here = new CountDownLatch(callers);
            List<Callable<Void>> storm = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                storm.add(() -> {
                    here.countDown();
                    here.await();
                    app.acquireTokenSilently(
                                    SilentParameters.builder(SCOPES, account).build())
                            .get(60, TimeUnit.SECONDS);
                    return null;
                });
            }
            Load.together(storm);
            return stage.tokenCalls(mark, false);
        } catch (GeneralSecurityException | IOException e) {
            throw new LocalException("MSAL4J cannot be measured: " + e.getMessage(), e);
        } catch (ExecutionException | TimeoutException e) {
            throw new LocalException("MSAL4J cannot be measured: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while measuring", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Signs Ben in through the pages, as a portal would; what is in the cache then. */
    private static String signIn(ConfidentialClientApplication app, TokenStage stage, SSLContext tls)
            throws InterruptedException, ExecutionException {
        String callback = stage.url(0) + "/oauth2/callback";
        FormBrowser browser = FormBrowser.stoppingAt(uri -> uri.toString().startsWith(callback), tls);
        AuthorizationRequestUrlParameters parameters = AuthorizationRequestUrlParameters.builder(callback, SCOPES)
                .state("state")
                .nonce("nonce")
                .loginHint(Seed.BEN)
                .build();
        FormBrowser.Page login =
                browser.open(app.getAuthorizationRequestUrl(parameters).toString());
        String code =
                browser.signIn(login, Seed.BEN, Seed.PASSWORD).parameters().get("code");
        IAuthenticationResult result = app.acquireToken(AuthorizationCodeParameters.builder(code, URI.create(callback))
                        .scopes(SCOPES)
                        .build())
                .get();
        if (result.accessToken().isEmpty()) {
            throw new LocalException("MSAL4J got no token");
        }
        return app.tokenCache().serialize();
    }

    /** The cache as it is when the access token's hour is over. */
    private static String expired(String cache) {
        return cache.replaceAll("\"(extended_)?expires_on\":\"\\d+\"", "\"$1expires_on\":\"1\"");
    }

    private static ConfidentialClientApplication app(TokenStage stage, SSLContext tls, ExecutorService threads)
            throws IOException {
        return ConfidentialClientApplication.builder(
                        Seed.CLIENT_ID, ClientCredentialFactory.createFromSecret(Seed.CLIENT_SECRET))
                .oidcAuthority(stage.emulator().httpsBase() + "/" + Seed.TENANT_ID + "/v2.0")
                .instanceDiscovery(false)
                .sslSocketFactory(tls.getSocketFactory())
                .executorService(threads)
                .build();
    }

    private static SSLContext trusting(String pem) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "emulator",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
