package org.m365connector.assignment.assignment;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;

/**
 * A file between the network and the database, so that no connection waits for a caller and nothing large is in memory. Nobody
 * else can read it, and it is gone with the process, also with one that is killed.
 */
final class Spool implements AutoCloseable {
    private static final int PIECE = 64 * 1024;

    private final FileChannel file;
    private final OutputStream out;

    private Spool(FileChannel file) {
        this.file = file;
        this.out = new BufferedOutputStream(Channels.newOutputStream(file), PIECE);
    }

    static Spool open(Path directory) {
        try {
            // Where the system can, a file that is to be deleted loses its name at once.
            return new Spool(FileChannel.open(
                    directory.resolve("m365-" + UUID.randomUUID()),
                    Set.of(
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE),
                    forTheOwner()));
        } catch (IOException e) {
            throw new UncheckedIOException("no file can be made in " + directory, e);
        }
    }

    /** What is written here comes behind what was written before. */
    OutputStream out() {
        return out;
    }

    /** All of it, from the beginning. Nothing is written afterwards. */
    InputStream in() {
        try {
            out.flush();
            file.position(0);
            return Channels.newInputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the file cannot be read again", e);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the file cannot be deleted", e);
        }
    }

    private static FileAttribute<?>[] forTheOwner() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
