package org.m365connector.local.suite;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What only the parts of one run know. Made anew for each run, unless its state is kept over restarts. */
// Whoever kept them may have kept more than we know of.
@JsonIgnoreProperties(ignoreUnknown = true)
public record Secrets(
        String adminKey,
        String serviceKey,
        String clientStateKey,
        String vaultKeyset,
        Map<Service, String> databasePasswords) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SecureRandom RANDOM = new SecureRandom();

    public Secrets {
        databasePasswords = Map.copyOf(databasePasswords);
    }

    static Secrets fresh() {
        Map<Service, String> passwords = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            passwords.put(service, random());
        }
        return new Secrets(random(), random(), random(), VaultKey.fresh(), passwords);
    }

    static Optional<Secrets> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), Secrets.class));
        } catch (IOException e) {
            throw new LocalException("The kept secrets, " + file + ", cannot be read: " + e.getMessage(), e);
        }
    }

    void write(Path file) {
        try {
            PrivateFile.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every value that must appear in no log, event or table; what a test looks for. */
    public List<String> values() {
        List<String> values = new ArrayList<>(List.of(adminKey, serviceKey, clientStateKey, vaultKeyset));
        values.addAll(databasePasswords.values());
        return values;
    }

    @Override
    public String toString() {
        return "Secrets[redacted]";
    }

    private static String random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
