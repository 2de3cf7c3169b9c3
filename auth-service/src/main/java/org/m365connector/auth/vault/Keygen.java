package org.m365connector.auth.vault;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * Makes a vault keyset: {@code java -cp … org.m365connector.auth.vault.Keygen} prints one for {@code M365_VAULT_KEYSET}. With
 * {@code --add}, {@code --promote} or {@code --retire} it reads one from its input and prints what takes its place. Each of the
 * three is a roll-out of its own: a replica that seals with a key must not meet one that does not have it.
 */
public final class Keygen {

    private Keygen() {}

    /** A new keyset with one AES-256-GCM key. */
    public static String newKeyset() {
        try {
            AeadConfig.register();
            return Keyset.write(KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a keyset", e);
        }
    }

    /** With one key more, which does not seal yet. */
    public static String add(String keyset) {
        return change(keyset, handle -> KeysetHandle.newBuilder(handle)
                .addEntry(KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                        .withRandomId())
                .build());
    }

    /** The key that was added last seals from now on. */
    public static String promote(String keyset) {
        return change(keyset, handle -> {
            KeysetHandle.Builder builder = KeysetHandle.newBuilder(handle);
            builder.getAt(builder.size() - 1).makePrimary();
            return builder.build();
        });
    }

    /** Without the keys that stand before the one that seals. */
    public static String retire(String keyset) {
        return change(keyset, handle -> {
            KeysetHandle.Builder builder = KeysetHandle.newBuilder(handle);
            while (!builder.getAt(0).isPrimary()) {
                builder.deleteAt(0);
            }
            return builder.build();
        });
    }

    private interface Change {
        KeysetHandle of(KeysetHandle handle) throws GeneralSecurityException;
    }

    private static String change(String keyset, Change change) {
        try {
            return Keyset.write(change.of(Keyset.parse(keyset)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause: it may repeat what it could not read.
            throw new IllegalArgumentException("the input is not a Tink AEAD keyset");
        }
    }

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws IOException {
        try {
            System.out.println(printed(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static String printed(String[] args) throws IOException {
        if (args.length == 0) {
            return newKeyset();
        }
        String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        return switch (args[0]) {
            case "--add" -> add(input);
            case "--promote" -> promote(input);
            case "--retire" -> retire(input);
            default -> throw new IllegalArgumentException("--add, --promote or --retire, with the keyset as input");
        };
    }
}
