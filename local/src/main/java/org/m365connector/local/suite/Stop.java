package org.m365connector.local.suite;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Ends a run that was started elsewhere, and what a killed one has left. */
public final class Stop {
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private final Checkout checkout;
    private final Progress progress;

    public Stop(Checkout checkout, Progress progress) {
        this.checkout = checkout;
        this.progress = progress;
    }

    public int run() {
        Path directory = checkout.localState();
        Optional<ProcessHandle> launcher =
                StateDirectory.runningLauncher(directory).flatMap(ProcessIdentity::running);
        if (launcher.isPresent()) {
            progress.say("Asking process " + launcher.get().pid() + " to end the suite");
            launcher.get().destroy();
            if (!Processes.goneWithin(PATIENCE, List.of(launcher.get()))) {
                launcher.get().destroyForcibly();
                Processes.goneWithin(Duration.ofSeconds(5), List.of(launcher.get()));
            }
        }
        boolean leftovers = RunRecord.read(directory).isPresent();
        if (leftovers) {
            boolean kept = Files.exists(StateDirectory.keepMark(directory));
            StateDirectory.open(directory, kept, progress).close();
        }
        // A killed launcher has left it.
        checkout.deleteLocalEnv();
        progress.say(launcher.isPresent() || leftovers ? "The suite has ended" : "Nothing was running");
        return 0;
    }
}
