package org.m365connector.auth.entra;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
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
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How this network is left: through a proxy, and trusting further certificate authorities. */
@ApplicationScoped
class Outbound {

    private final Optional<URI> proxy;
    private final List<String> direct;
    private final Optional<KeyStore> trust;

    /** @param noProxy host names and suffixes, separated by commas, that are reached directly ({@code NO_PROXY}) */
    Outbound(OutboundSettings settings, @ConfigProperty(name = "no.proxy") Optional<String> noProxy) {
        this.proxy = settings.httpsProxy().map(Outbound::usable);
        this.direct = noProxy.stream()
                .flatMap(hosts -> Arrays.stream(hosts.split(",")))
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .filter(host -> !host.isEmpty())
                .toList();
        this.trust = settings.trustFile().map(Outbound::trusting);
    }

    private static URI usable(URI proxy) {
        boolean good = "http".equalsIgnoreCase(proxy.getScheme())
                && proxy.getHost() != null
                && proxy.getPort() > 0
                && proxy.getRawUserInfo() == null;
        if (!good) {
            // It may hold a password: what it is stays unsaid.
            throw new IllegalArgumentException(
                    "m365.https-proxy (M365_HTTPS_PROXY) must be http://host:port, without user");
        }
        return proxy;
    }

    /** The proxy to use for that address; empty for a direct connection. Plain http never goes through it. */
    Optional<URI> proxyFor(URI target) {
        boolean goesDirect = !"https".equals(target.getScheme())
                || direct.stream().anyMatch(host -> matches(target.getHost().toLowerCase(Locale.ROOT), host));
        return goesDirect ? Optional.empty() : proxy;
    }

    ProxySelector proxySelector() {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return List.of(proxyFor(uri)
                        .map(found ->
                                new Proxy(Proxy.Type.HTTP, new InetSocketAddress(found.getHost(), found.getPort())))
                        .orElse(Proxy.NO_PROXY));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {
                // The request itself fails and is told there.
            }
        };
    }

    Optional<SSLContext> sslContext() {
        return trust.map(store -> {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, factory(store).getTrustManagers(), null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("cannot use m365.trust-file", e);
            }
        });
    }

    private static boolean matches(String host, String pattern) {
        String suffix = pattern.startsWith(".") ? pattern : "." + pattern;
        return host.equals(pattern) || host.endsWith(suffix) || pattern.equals("*");
    }

    private static KeyStore trusting(Path pem) {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("own-" + number++, certificate);
            }
            for (X509Certificate certificate : usual()) {
                store.setCertificateEntry("jdk-" + number++, certificate);
            }
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot read m365.trust-file " + pem, e);
        }
    }

    private static List<X509Certificate> usual() throws GeneralSecurityException {
        return Arrays.stream(factory(null).getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .flatMap(manager -> Arrays.stream(((X509TrustManager) manager).getAcceptedIssuers()))
                .toList();
    }

    private static TrustManagerFactory factory(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }
}
