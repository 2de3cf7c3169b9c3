package org.m365connector.local.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where one run keeps its state: {@code postgres/}, {@code kafka/}, {@code logs/}, {@code run.json}, {@code secrets.json},
 * {@code portal.json}.
 * Held by one launcher at a time; what a killed one has left is cleaned up by the next.
 */
final class StateDirectory implements AutoCloseable {
    private final Path directory;
    private final boolean keep;
    private final FileChannel channel;
    private boolean keepLogs;

    private StateDirectory(Path directory, boolean keep, FileChannel channel) {
        this.directory = directory;
        this.keep = keep;
        this.channel = channel;
    }

    static StateDirectory open(Path path, boolean keep, Progress progress) {
        Path directory = path.toAbsolutePath().normalize();
        try {
            Files.createDirectories(directory);
            FileChannel channel = hold(directory);
            try {
                endLeftovers(directory, progress);
                if (!keep) {
                    if (Files.exists(keepMark(directory))) {
                        progress.say("Deleting what an earlier ./run --keep has kept: databases, topics and keys in "
                                + directory);
                    }
                    deleteContent(directory, false);
                }
                removeStaleLocks(directory);
                if (keep && Files.notExists(keepMark(directory))) {
                    Files.createFile(keepMark(directory));
                }
                Files.createDirectories(directory.resolve("logs"));
            } catch (RuntimeException | IOException e) {
                channel.close();
                throw e;
            }
            return new StateDirectory(directory, keep, channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lock is the kernel's, so that it ends with its holder, however that ends. */
    private static FileChannel hold(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(lockFile(directory), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!locked(channel)) {
            channel.close();
            String who = runningLauncher(directory)
                    .map(launcher -> " (process " + launcher.pid() + ", since " + launcher.started() + ")")
                    .orElse("");
            throw new LocalException(
                    "The suite runs already" + who + ". Its addresses are in target/local.env; ./run stop ends it.");
        }
        return channel;
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    static Optional<ProcessIdentity> runningLauncher(Path directory) {
        return RunRecord.read(directory).map(RunRecord::launcher).filter(launcher -> launcher.running()
                .isPresent());
    }

    private static void endLeftovers(Path directory, Progress progress) {
        Optional<RunRecord> previous = RunRecord.read(directory);
        previous.ifPresent(killed -> progress.say("The previous run was killed: cleaning up"));
        int ended = previous.map(RunRecord::endChildren).orElse(0) + Orphans.end(directory);
        if (ended > 0) {
            progress.say("ended " + ended + (ended == 1 ? " process" : " processes") + " that it had left");
        }
        RunRecord.delete(directory);
    }

    private static void removeStaleLocks(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve("postgres/data/postmaster.pid"));
    }

    Path directory() {
        return directory;
    }

    Path logs() {
        return directory.resolve("logs");
    }

    Path log(String process) {
        return logs().resolve(process + ".log");
    }

    /** A directory for a backend, whose own log file is to be found beside the others'. */
    Path backend(String name) {
        Path home = directory.resolve(name);
        Path link = home.resolve(name + ".log");
        try {
            Files.createDirectories(home);
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, log(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return home;
    }

    /** Those that were kept, or fresh ones. */
    Secrets secrets() {
        Path file = secretsFile();
        return Secrets.read(file).orElseGet(() -> {
            Secrets fresh = Secrets.fresh();
            fresh.write(file);
            return fresh;
        });
    }

    Path secretsFile() {
        return directory.resolve("secrets.json");
    }

    Path portalFile() {
        return directory.resolve("portal.json");
    }

    long postmasterPid() {
        try (Stream<String> lines = Files.lines(directory.resolve("postgres/data/postmaster.pid"))) {
            return Long.parseLong(lines.findFirst().orElseThrow().strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For whoever has to find out why a run failed; the next run deletes them. */
    void keepLogs() {
        keepLogs = true;
    }

    /** Gives the directory free, and deletes it unless it is to be kept. */
    @Override
    public void close() {
        try {
            RunRecord.delete(directory);
            if (!keep) {
                deleteContent(directory, keepLogs);
                Files.deleteIfExists(lockFile(directory));
                if (!keepLogs) {
                    Files.deleteIfExists(directory);
                }
            }
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void deleteContent(Path directory, boolean exceptLogs) throws IOException {
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.filter(path -> !path.equals(directory) && !path.equals(lockFile(directory)))
                    .filter(path -> !exceptLogs || !path.startsWith(directory.resolve("logs")))
                    .sorted(Comparator.reverseOrder())
                    .forEach(StateDirectory::delete);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says to {@code ./run stop} that the state is not to be deleted. */
    static Path keepMark(Path directory) {
        return directory.resolve("keep");
    }

    private static Path lockFile(Path directory) {
        return directory.resolve("lock");
    }
}
