package org.m365connector.local.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says of a process's memory. */
public final class ResidentMemory {

    private ResidentMemory() {}

    /** The most that was resident since its start, or since {@link #forgetPeak}. */
    public static long peakMegabytes(long pid) {
        return megabytes(pid, "VmHWM:");
    }

    /** What is resident now. */
    public static long megabytes(long pid) {
        return megabytes(pid, "VmRSS:");
    }

    /** From now on the peak is that of the time to come. */
    public static void forgetPeak(long pid) {
        try {
            Files.writeString(Path.of("/proc", Long.toString(pid), "clear_refs"), "5");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long megabytes(long pid, String row) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith(row))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
