package org.m365connector.graphproxy.forward;

import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** How Graph is reached from this network: through a proxy, and trusting further certificate authorities. */
final class Outbound {

    private final Optional<ProxyOptions> proxy;
    private final List<String> direct;
    private final Optional<TrustManager> trust;

    /**
     * @param httpsProxy {@code http://host:port}, for https only
     * @param noProxy host names and suffixes that are reached directly
     * @param trustFile PEM file of certificate authorities, trusted besides those of the JDK
     */
    Outbound(Optional<URI> httpsProxy, List<String> noProxy, Optional<Path> trustFile) {
        proxy = httpsProxy.map(uri -> new ProxyOptions()
                .setType(ProxyType.HTTP)
                .setHost(uri.getHost())
                .setPort(uri.getPort()));
        direct = noProxy.stream()
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .filter(host -> !host.isEmpty())
                .toList();
        trust = trustFile.map(Outbound::trusting);
    }

    HttpClientOptions clientOptions() {
        HttpClientOptions options = new HttpClientOptions();
        trust.ifPresent(manager -> options.setTrustOptions(TrustOptions.wrap(manager)));
        return options;
    }

    Optional<ProxyOptions> proxyFor(GraphHost host) {
        boolean goesDirect = !host.tls() || direct.stream().anyMatch(pattern -> matches(host.host(), pattern));
        return goesDirect ? Optional.empty() : proxy;
    }

    private static boolean matches(String host, String pattern) {
        String suffix = pattern.startsWith(".") ? pattern : "." + pattern;
        return pattern.equals("*") || host.equals(pattern) || host.endsWith(suffix);
    }

    private static TrustManager trusting(Path pem) {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("own-" + number++, certificate);
            }
            for (X509Certificate certificate : trustManager(null).getAcceptedIssuers()) {
                store.setCertificateEntry("jdk-" + number++, certificate);
            }
            return trustManager(store);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot read m365.trust-file " + pem, e);
        }
    }

    /** @param store null for what the JDK trusts */
    private static X509TrustManager trustManager(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return Arrays.stream(factory.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .map(X509TrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("no X.509 trust manager"));
    }
}
