package org.m365connector.emulator.http;

import io.vertx.core.net.KeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509KeyManager;
import org.m365connector.emulator.tokens.CertificateMaker;

/**
 * The certificate of the HTTPS port, made at the start and signed by an authority of its own that nobody keeps the key of.
 *
 * @param caPem what a client has to trust
 * @param server key and certificate of the server
 */
public record Tls(String caPem, KeyCertOptions server) {

    private static final String AUTHORITY = "m365-emulator test authority";

    public static Tls create(List<String> moreHosts) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair authority = generator.generateKeyPair();
            KeyPair server = generator.generateKeyPair();
            List<String> hosts = new ArrayList<>(List.of("localhost", "127.0.0.1", "::1"));
            hosts.addAll(moreHosts);
            CertificateMaker maker = new CertificateMaker();
            byte[] authorityCertificate = maker.authority(AUTHORITY, authority);
            byte[] certificate = maker.server(hosts, server.getPublic(), AUTHORITY, authority.getPrivate());
            return new Tls(pem(authorityCertificate), KeyCertOptions.wrap(keyManager(server, certificate)));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this JDK cannot make a certificate", e);
        }
    }

    /** A key store of the old kind, in memory only: the new kind takes a tenth of a second to encrypt the key. */
    private static X509KeyManager keyManager(KeyPair keys, byte[] certificate)
            throws GeneralSecurityException, IOException {
        Certificate parsed =
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        store.setKeyEntry("server", keys.getPrivate(), new char[0], new Certificate[] {parsed});
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return (X509KeyManager) factory.getKeyManagers()[0];
    }

    private static String pem(byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n";
    }

    @Override
    public String toString() {
        return "Tls";
    }
}
