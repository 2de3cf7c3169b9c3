package org.m365connector.backends;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of this machine. Whoever is given one may take his time until he listens: they lie below those that Linux gives to
 * outgoing connections, and no other JVM of the same user is given it as long as this one lives.
 */
public final class Ports {

    private static final int FIRST = 15_000;
    private static final int BEHIND_LAST = 32_000;

    /** A lock of one byte stands for a port. Never closed: locks end with their JVM, also if it is killed. */
    private static final FileChannel GIVEN = open();

    /** A lock that nobody refers to would be forgotten in this JVM. */
    private static final Queue<FileLock> LOCKS = new ConcurrentLinkedQueue<>();

    private Ports() {}

    /** A port that nobody listens on at this moment. */
    public static int free() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, BEHIND_LAST);
            if (isGivenToUs(port) && nobodyListens(port)) {
                return port;
            }
        }
    }

    private static FileChannel open() {
        Path file = Path.of(System.getProperty("java.io.tmpdir"), "m365-ports-" + System.getProperty("user.name"));
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    private static boolean isGivenToUs(int port) {
        try {
            return Optional.ofNullable(GIVEN.tryLock(port, 1, false))
                    .filter(LOCKS::add)
                    .isPresent();
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot lock a port", e);
        }
    }

    private static boolean nobodyListens(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
