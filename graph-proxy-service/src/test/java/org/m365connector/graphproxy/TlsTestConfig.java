package org.m365connector.graphproxy;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.m365connector.backends.Ports;
import org.m365connector.emulator.tokens.CertificateMaker;

/** Besides {@link ProxyTestConfig}: the proxy can be reached by TLS too, and that is how it names itself. */
public final class TlsTestConfig implements QuarkusTestResourceLifecycleManager {

    private static final String AUTHORITY = "authority of graph-proxy-service's tests";

    private Path folder;

    @Override
    public int order() {
        // Its address counts.
        return 1;
    }

    @Override
    public Map<String, String> start() {
        try {
            folder = Files.createTempDirectory("proxy-tls");
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair authority = generator.generateKeyPair();
            KeyPair server = generator.generateKeyPair();
            CertificateMaker maker = new CertificateMaker();
            Path trusted = pem("trusted", "CERTIFICATE", maker.authority(AUTHORITY, authority));
            Path certificate = pem(
                    "certificate",
                    "CERTIFICATE",
                    maker.server(List.of("localhost"), server.getPublic(), AUTHORITY, authority.getPrivate()));
            Path key = pem("key", "PRIVATE KEY", server.getPrivate().getEncoded());
            int port = Ports.free();
            return Map.of(
                    "quarkus.tls.key-store.pem.0.cert", certificate.toString(),
                    "quarkus.tls.key-store.pem.0.key", key.toString(),
                    "quarkus.http.test-ssl-port", String.valueOf(port),
                    "m365.proxy-url", "https://localhost:" + port,
                    "test.trusted", trusted.toString());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path pem(String name, String kind, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                folder.resolve(name + ".pem"),
                "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
    }

    @Override
    public void stop() {
        if (folder == null) {
            return;
        }
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
