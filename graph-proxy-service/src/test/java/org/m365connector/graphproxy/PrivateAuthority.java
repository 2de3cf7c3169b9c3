package org.m365connector.graphproxy;

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
import org.m365connector.emulator.tokens.CertificateMaker;

/** A certificate authority that nobody knows but a test, and the servers that it vouches for, as PEM files. */
final class PrivateAuthority implements AutoCloseable {

    /** What a server shows, and what it keeps. */
    record Certified(Path certificate, Path key) {}

    private final String name;
    private final CertificateMaker maker = new CertificateMaker();
    private final KeyPairGenerator generator;
    private final KeyPair authority;
    private final Path folder;
    private final Path trusted;

    PrivateAuthority(String name) {
        this.name = name;
        try {
            folder = Files.createTempDirectory("private-authority");
            generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            authority = generator.generateKeyPair();
            trusted = pem("trusted", "CERTIFICATE", maker.authority(name, authority));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whoever trusts this file trusts the servers. */
    Path trusted() {
        return trusted;
    }

    /** @param hosts by which it may be called */
    Certified server(String... hosts) {
        try {
            KeyPair server = generator.generateKeyPair();
            byte[] certificate = maker.server(List.of(hosts), server.getPublic(), name, authority.getPrivate());
            return new Certified(
                    pem(hosts[0], "CERTIFICATE", certificate),
                    pem(hosts[0] + "-key", "PRIVATE KEY", server.getPrivate().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path pem(String file, String kind, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                folder.resolve(file + ".pem"),
                "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n");
    }

    @Override
    public void close() {
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
