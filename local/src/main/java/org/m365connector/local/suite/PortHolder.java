package org.m365connector.local.suite;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Finds the process that listens on a port, by Linux' {@code /proc}. */
final class PortHolder {
    private static final String LISTEN = "0A";

    private PortHolder() {}

    static Optional<String> of(int port) {
        Set<String> sockets = new HashSet<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            collectListening(Path.of(table), port, sockets);
        }
        return sockets.isEmpty() ? Optional.empty() : owner(sockets);
    }

    private static void collectListening(Path table, int port, Set<String> sockets) {
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        for (String line : lines(table)) {
            String[] columns = line.trim().split("\\s+", -1);
            if (columns.length > 9 && columns[1].endsWith(suffix) && columns[3].equals(LISTEN)) {
                sockets.add("socket:[" + columns[9] + "]");
            }
        }
    }

    private static Optional<String> owner(Set<String> sockets) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (holdsOne(process, sockets)) {
                    long pid = Long.parseLong(process.getFileName().toString());
                    return Optional.of("process " + pid + " (" + shortened(ProcessIdentity.commandLine(pid)) + ")");
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean holdsOne(Path process, Set<String> sockets) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (sockets.contains(Files.readSymbolicLink(file).toString())) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // It ended meanwhile, or belongs to another user.
        }
        return false;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String shortened(String commandLine) {
        return commandLine.length() <= 100 ? commandLine : commandLine.substring(0, 100) + "…";
    }
}
