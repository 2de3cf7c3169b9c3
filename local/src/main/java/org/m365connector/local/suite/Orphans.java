package org.m365connector.local.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * PostgreSQL and Kafka of a launcher that was killed while it started them. They are recorded when they are ready, and
 * until then nobody watches whether the launcher lives; so they are found by their directory, which their command line
 * names.
 */
final class Orphans {
    private static final Set<String> PROGRAMS = Set.of("postgres", "pg_ctl", "initdb", "unshare", "java");

    private Orphans() {}

    /** Ends those that work in the directories of this state, and says how many there were. */
    static int end(Path state) {
        Set<String> homes = Set.of(
                state.resolve("postgres/data").toString(),
                state.resolve("kafka").toString());
        int ended = 0;
        List<ProcessHandle> found = in(homes);
        // Once more, since the one that was ended may just have started another.
        while (!found.isEmpty()) {
            Processes.end(found, Duration.ofSeconds(5));
            ended += found.size();
            found = in(homes);
        }
        return ended;
    }

    private static List<ProcessHandle> in(Set<String> homes) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(process -> worksIn(homes, ProcessIdentity.arguments(process.pid())))
                .filter(Orphans::isOurs)
                .toList();
    }

    /** Of the same user, and in the same file system: in a container's the path may be somebody else's. */
    private static boolean isOurs(ProcessHandle process) {
        try {
            return process.info().user().equals(ProcessHandle.current().info().user())
                    && Files.isSameFile(Path.of("/proc", Long.toString(process.pid()), "root"), Path.of("/"));
        } catch (IOException e) {
            // It has ended meanwhile, or is none that we may look at.
            return false;
        }
    }

    private static boolean worksIn(Set<String> homes, List<String> arguments) {
        return !arguments.isEmpty()
                && PROGRAMS.contains(arguments.get(0).substring(arguments.get(0).lastIndexOf('/') + 1))
                && arguments.stream().skip(1).anyMatch(homes::contains);
    }
}
