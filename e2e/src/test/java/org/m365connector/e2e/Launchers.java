package org.m365connector.e2e;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionTimeoutException;
import org.m365connector.local.suite.Ports;

/** The launchers that one test has started, and what these have started: where it fails, nobody else ends them. */
final class Launchers {
    /** A launcher ends a whole suite. */
    private static final Duration TO_CLEAN_UP = Duration.ofMinutes(1);

    private static final Duration TO_END = Duration.ofSeconds(20);

    private final List<LauncherProcess> started = new ArrayList<>();
    private final Set<Path> states = new HashSet<>();

    /** @see LauncherProcess#start */
    LauncherProcess start(String name, Path state, Ports ports, String... arguments) {
        LauncherProcess launcher = LauncherProcess.start(name, state, ports, arguments);
        started.add(launcher);
        states.add(state);
        return launcher;
    }

    /** Whatever of it still runs is asked to end, and killed where it does not. */
    void end() {
        started.forEach(LauncherProcess::terminate);
        boolean unused = comesTrue(TO_CLEAN_UP, () -> started.stream().noneMatch(LauncherProcess::isAlive));
        left().forEach(ProcessHandle::destroy);
        if (!comesTrue(TO_END, () -> left().isEmpty())) {
            left().forEach(ProcessHandle::destroyForcibly);
            await("all are killed").atMost(TO_END).until(() -> left().isEmpty());
        }
    }

    private List<ProcessHandle> left() {
        return states.stream()
                .flatMap(state -> LauncherProcess.processesOf(state).stream())
                .toList();
    }

    private static boolean comesTrue(Duration atMost, Callable<Boolean> condition) {
        try {
            await().atMost(atMost).until(condition);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }
}
