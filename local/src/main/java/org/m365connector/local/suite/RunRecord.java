package org.m365connector.local.suite;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What runs, written before anything else can happen to it, so that a later launcher can clean up after a kill -9. */
record RunRecord(ProcessIdentity launcher, List<ProcessIdentity> children) {
    private static final ObjectMapper JSON = new ObjectMapper().registerModule(new JavaTimeModule());

    RunRecord {
        children = List.copyOf(children);
    }

    static RunRecord begin() {
        return new RunRecord(ProcessIdentity.of("launcher", ProcessHandle.current()), List.of());
    }

    RunRecord with(ProcessIdentity child) {
        List<ProcessIdentity> all = new ArrayList<>(children);
        all.removeIf(other -> other.name().equals(child.name()));
        all.add(child);
        return new RunRecord(launcher, all);
    }

    static Optional<RunRecord> read(Path state) {
        Path file = file(state);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), RunRecord.class));
        } catch (IOException e) {
            throw new LocalException(
                    "The record of the previous run, " + file + ", cannot be read (" + e.getMessage()
                            + "). End what it may have left by hand, then delete " + state,
                    e);
        }
    }

    void write(Path state) {
        Path file = file(state);
        Path fresh = file.resolveSibling("run.json.new");
        try {
            JSON.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), this);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void delete(Path state) {
        try {
            Files.deleteIfExists(file(state));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the children that still run: asks first, then insists. Says how many there were. */
    int endChildren() {
        List<ProcessHandle> alive =
                children.stream().flatMap(child -> child.running().stream()).toList();
        Processes.end(alive, Duration.ofSeconds(5));
        return alive.size();
    }

    private static Path file(Path state) {
        return state.resolve("run.json");
    }
}
