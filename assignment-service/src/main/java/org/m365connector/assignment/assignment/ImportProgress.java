package org.m365connector.assignment.assignment;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** Tells from time to time how far an import has come. */
final class ImportProgress {
    private static final Duration BETWEEN_NEWS = Duration.ofSeconds(1);

    private final Imports imports;
    private final Clock clock;
    private final UUID id;
    private long rows;
    private Instant told;

    ImportProgress(Imports imports, Clock clock, UUID id) {
        this.imports = imports;
        this.clock = clock;
        this.id = id;
        this.told = clock.instant();
    }

    void row() {
        rows++;
        if (rows % 1000 == 0 && clock.instant().isAfter(told.plus(BETWEEN_NEWS))) {
            say(ImportView.State.READING);
        }
    }

    void say(ImportView.State state) {
        imports.say(id, state, rows);
        told = clock.instant();
    }

    long rows() {
        return rows;
    }
}
