package org.m365connector.auth.entra;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.m365connector.auth.entra.CredentialUnusable.Cause;

/**
 * Files with tokens of other identity providers.
 *
 * <ol>
 *   <li>Only files below one directory are read; without a directory none is.
 *   <li>Links are followed before that is decided (Kubernetes projects tokens as links to where they lie), so none leads out.
 *   <li>Only what looks like a JWT is handed out, so no other file's content ever goes to Entra.
 * </ol>
 */
public final class TokenFiles {

    /** Tokens of Kubernetes have 1 to 2 KiB. */
    static final int LARGEST = 16 * 1024;

    private static final Pattern JWT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    private final Optional<Path> directory;

    public TokenFiles(Optional<Path> directory) {
        this.directory = directory.map(path -> path.toAbsolutePath().normalize());
    }

    /** Whether a file of that name may be read, should it be there. Where it is there its links have been followed. */
    public boolean allows(String file) {
        try {
            Path path = named(file);
            return !Files.exists(path) || isBelowInTruth(path);
        } catch (CredentialUnusable e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** @throws CredentialUnusable with what is wrong with the file */
    String read(String file) {
        Path path = named(file);
        try {
            if (!isBelowInTruth(path)) {
                throw new CredentialUnusable(Cause.TOKEN_FILE_NOT_ALLOWED);
            }
            // A pipe or a device would keep us waiting.
            if (!Files.isRegularFile(path)) {
                throw new CredentialUnusable(Cause.TOKEN_FILE_MISSING);
            }
            return token(path);
        } catch (IOException e) {
            throw new CredentialUnusable(Cause.TOKEN_FILE_MISSING);
        }
    }

    private static String token(Path path) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(LARGEST + 1);
        }
        if (bytes.length > LARGEST) {
            throw new CredentialUnusable(Cause.TOKEN_FILE_TOO_LARGE);
        }
        String content = new String(bytes, StandardCharsets.US_ASCII).strip();
        if (content.isEmpty()) {
            throw new CredentialUnusable(Cause.TOKEN_FILE_EMPTY);
        }
        if (!JWT.matcher(content).matches()) {
            throw new CredentialUnusable(Cause.TOKEN_FILE_NO_TOKEN);
        }
        return content;
    }

    private Path named(String file) {
        try {
            Path path = Path.of(file);
            boolean below = path.isAbsolute()
                    && path.equals(path.normalize())
                    && directory
                            .filter(base -> path.startsWith(base) && !path.equals(base))
                            .isPresent();
            if (below) {
                return path;
            }
        } catch (InvalidPathException e) {
            // As good as outside.
        }
        throw new CredentialUnusable(Cause.TOKEN_FILE_NOT_ALLOWED);
    }

    private boolean isBelowInTruth(Path path) throws IOException {
        return path.toRealPath().startsWith(directory.orElseThrow().toRealPath());
    }
}
