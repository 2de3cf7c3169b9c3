package org.m365connector.local.suite;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What was done for the demo portal and cannot be read back from the suite, so that a start with kept state can tell what
 * the tenant's file has changed.
 *
 * @param emulated whether the state is of the emulator's tenant or of a real one
 * @param key of the portal; shown once only
 * @param upns the users that the portal was told of
 * @param secretDigest of the client secret that the registration has; none while it may have another
 */
public record PortalNotes(
        boolean emulated, Optional<String> key, Map<Person, String> upns, Optional<String> secretDigest) {
    private static final ObjectMapper JSON = new ObjectMapper().registerModule(new Jdk8Module());

    public PortalNotes {
        upns = Map.copyOf(upns);
    }

    /** Nothing was done yet. */
    public static PortalNotes none(Tenant tenant) {
        return new PortalNotes(tenant.emulated(), Optional.empty(), Map.of(), Optional.empty());
    }

    public static Optional<PortalNotes> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), PortalNotes.class));
        } catch (IOException e) {
            throw new LocalException("The kept notes, " + file + ", cannot be read: " + e.getMessage(), e);
        }
    }

    public void write(Path file) {
        try {
            PrivateFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public PortalNotes withKey(String newKey) {
        return new PortalNotes(emulated, Optional.of(newKey), upns, secretDigest);
    }

    public PortalNotes withUpns(Map<Person, String> newUpns) {
        return new PortalNotes(emulated, key, newUpns, secretDigest);
    }

    public PortalNotes withSecretOf(Tenant tenant) {
        return new PortalNotes(emulated, key, upns, Optional.of(digest(tenant.clientSecret())));
    }

    public boolean hasSecretOf(Tenant tenant) {
        return secretDigest.equals(Optional.of(digest(tenant.clientSecret())));
    }

    /** Accounts, tokens and watches of one tenant mean nothing to the other, so nothing good comes of a change. */
    void requireKind(Tenant tenant, Path state) {
        if (emulated != tenant.emulated()) {
            throw new LocalException("What was kept in " + state + " is of "
                    + (emulated ? "the emulator" : "a real tenant") + ", and cannot go on with "
                    + (tenant.emulated() ? "the emulator" : "a real tenant") + ". Use it with "
                    + (emulated ? "./run --keep" : "./run --keep --tenant FILE")
                    + "; without --keep it is deleted, and you begin anew.");
        }
    }

    /** A client secret of Entra is long and random, so nobody guesses it from this. */
    private static String digest(String secret) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JDK has no SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "PortalNotes[" + (emulated ? "emulator" : "real tenant") + ", " + upns + ", rest redacted]";
    }
}
