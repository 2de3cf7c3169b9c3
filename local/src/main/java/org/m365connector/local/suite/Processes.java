package org.m365connector.local.suite;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Ends processes together, with everything that they have started. */
public final class Processes {

    private Processes() {}

    /** SIGTERM to all, SIGKILL to whoever is still there after {@code patience}. Returns when all are gone. */
    static void end(Collection<ProcessHandle> processes, Duration patience) {
        List<ProcessHandle> all = processes.stream()
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .toList();
        processes.forEach(ProcessHandle::destroy);
        if (goneWithin(patience, all)) {
            return;
        }
        all.stream().filter(Processes::runs).forEach(ProcessHandle::destroyForcibly);
        if (!goneWithin(Duration.ofSeconds(5), all)) {
            List<Long> left =
                    all.stream().filter(Processes::runs).map(ProcessHandle::pid).toList();
            throw new LocalException("These processes do not end, even when killed: " + left);
        }
    }

    static boolean goneWithin(Duration patience, Collection<ProcessHandle> processes) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (processes.stream().anyMatch(Processes::runs)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            pause(Duration.ofMillis(20));
        }
        return true;
    }

    /** Whether it still does something: a zombie that nobody fetches, as in a container without init, does not. */
    static boolean runs(ProcessHandle process) {
        return process.isAlive() && !ProcessIdentity.commandLine(process.pid()).isEmpty();
    }

    /** A pause between two looks at something that nobody reports. */
    public static void pause(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted while waiting", e);
        }
    }
}
