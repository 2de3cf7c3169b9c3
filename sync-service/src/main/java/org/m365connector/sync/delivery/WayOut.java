package org.m365connector.sync.delivery;

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

/** How portals are reached: through a proxy, and trusting further certificate authorities. As auth-service reaches Entra. */
@ApplicationScoped
class WayOut {
    private final Optional<URI> proxy;
    private final List<String> direct;
    private final Optional<KeyStore> trust;

    WayOut(WayOutConfig config, @ConfigProperty(name = "no.proxy") Optional<String> noProxy) {
        proxy = config.httpsProxy().map(WayOut::usable);
        direct = noProxy.stream()
                .flatMap(hosts -> Arrays.stream(hosts.split(",", -1)))
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .filter(host -> !host.isEmpty())
                .toList();
        trust = config.trustFile().map(WayOut::trusting);
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

    ProxySelector proxySelector() {
        return new ProxySelector() {
            @Override
            public List<Proxy> select(URI uri) {
                return List.of(proxy.filter(found -> goesThroughIt(uri))
                        .map(found ->
                                new Proxy(Proxy.Type.HTTP, new InetSocketAddress(found.getHost(), found.getPort())))
                        .orElse(Proxy.NO_PROXY));
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {
                // The call itself fails and is told there.
            }
        };
    }

    private boolean goesThroughIt(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return "https".equalsIgnoreCase(uri.getScheme())
                && direct.stream()
                        .noneMatch(pattern -> pattern.equals("*")
                                || host.equals(pattern)
                                || host.endsWith(pattern.startsWith(".") ? pattern : "." + pattern));
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
