package org.m365connector.outbox;

import java.net.URI;
import java.time.Instant;
import org.m365connector.events.Event;

/** The data of the tests' events: version after version of one thing. */
record Counted(String thing, long version) {

    static final URI SOURCE = URI.create("/m365/demo/test");

    /** The same fact has the same id. */
    static Event<Counted> event(String thing, long version) {
        return Event.of(
                thing + "/" + version,
                SOURCE,
                "thing-counted.v1",
                Instant.parse("2026-11-22T10:00:00Z"),
                new Counted(thing, version));
    }
}
