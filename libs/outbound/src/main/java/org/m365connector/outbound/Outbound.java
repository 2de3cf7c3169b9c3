package org.m365connector.outbound;

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
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** How this network is left: through a proxy, and trusting further certificate authorities. */
@ApplicationScoped
public class Outbound {

    private final Optional<URI> proxy;
    private final List<String> direct;
    private final Optional<X509TrustManager> trust;

    /** @param noProxy host names and suffixes, separated by commas, that are reached directly ({@code NO_PROXY}) */
    public Outbound(OutboundSettings settings, @ConfigProperty(name = "no.proxy") Optional<String> noProxy) {
        this.proxy = settings.httpsProxy().map(Outbound::usable);
        this.direct = noProxy.stream()
                .flatMap(hosts -> Arrays.stream(hosts.split(",", -1)))
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
    public Optional<URI> proxyFor(URI target) {
        return proxyFor(target.getHost(), "https".equalsIgnoreCase(target.getScheme()));
    }

    /** The same of a host, to which the connection is by TLS or not. */
    public Optional<URI> proxyFor(String host, boolean tls) {
        String name = host.toLowerCase(Locale.ROOT);
        boolean goesDirect = !tls || direct.stream().anyMatch(pattern -> matches(name, pattern));
        return goesDirect ? Optional.empty() : proxy;
    }

    /** For the JDK's client; see {@link #proxyFor}. */
    public ProxySelector proxySelector() {
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

    /** Trusts what the JDK trusts and the trust file besides; empty without one. */
    public Optional<SSLContext> sslContext() {
        return trust.map(manager -> {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {manager}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("cannot use m365.trust-file", e);
            }
        });
    }

    /** As {@link #sslContext()}, for clients that make their own context of it. */
    public Optional<X509TrustManager> trustManager() {
        return trust;
    }

    private static boolean matches(String host, String pattern) {
        String suffix = pattern.startsWith(".") ? pattern : "." + pattern;
        return host.equals(pattern) || host.endsWith(suffix) || pattern.equals("*");
    }

    /** @param pem null for what the JDK trusts */
    static X509TrustManager trusting(Path pem) {
        try {
            return pem == null ? trustManager(null) : trustManager(withUsual(pem));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot read m365.trust-file " + pem, e);
        }
    }

    private static KeyStore withUsual(Path pem) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        try (InputStream in = Files.newInputStream(pem)) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("own-" + number++, certificate);
            }
        }
        for (X509Certificate certificate : trustManager(null).getAcceptedIssuers()) {
            store.setCertificateEntry("jdk-" + number++, certificate);
        }
        return store;
    }

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
