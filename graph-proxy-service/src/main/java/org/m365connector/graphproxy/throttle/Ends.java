package org.m365connector.graphproxy.throttle;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.m365connector.events.TurnEnded;

/** Turns of this replica that have ended, until that stands on the topic: what is lost is said again. Guarded by the lock of {@link Turns}. */
final class Ends {

    /** What is not heard by then is said again. */
    private static final long AGAIN_MILLIS = 3_000;

    private record Ended(TurnEnded event, long saidAt) {}

    private final Time time;
    private final Consumer<Object> publisher;
    private final Map<Long, Ended> unheard = new LinkedHashMap<>();

    /** @param publisher writes it to the topic, or loses it */
    Ends(Time time, Consumer<Object> publisher) {
        this.time = time;
        this.publisher = publisher;
    }

    void say(TurnEnded event) {
        unheard.put(event.number(), new Ended(event, time.millis()));
        publisher.accept(event);
    }

    void heard(long number) {
        unheard.remove(number);
    }

    void forget() {
        unheard.clear();
    }

    /** Those that have not been heard for too long; it is for the caller to say them again. */
    List<TurnEnded> lost() {
        long now = time.millis();
        List<TurnEnded> lost = unheard.values().stream()
                .filter(end -> now - end.saidAt() > AGAIN_MILLIS)
                .map(Ended::event)
                .toList();
        lost.forEach(event -> unheard.remove(event.number()));
        return lost;
    }

    int size() {
        return unheard.size();
    }
}
