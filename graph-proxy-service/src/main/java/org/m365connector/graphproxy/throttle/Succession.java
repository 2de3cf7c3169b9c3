package org.m365connector.graphproxy.throttle;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Who listens where. No two processes listen at one place at a time, so who is heard from there for the first time after the last word of
 * another one proves that the other is dead, and not only cut off; unless that one still says something, since whoever stops does not listen any
 * more while his last calls run. What counts is the order on the topic, which is the same for all.
 */
final class Succession {

    /**
     * @param firstWord the number of its first word from there
     * @param since when that was said
     * @param lastWord the number of its last word
     */
    private record Listener(String place, long firstWord, long since, long lastWord) {
        Listener spokeAgain(long word) {
            return new Listener(place, firstWord, since, word);
        }
    }

    /** For so long the other one must not have said anything since. */
    private final long quietMillis;

    private final Map<String, Listener> listeners = new HashMap<>();
    private long words;

    Succession(long quietMillis) {
        this.quietMillis = quietMillis;
    }

    /**
     * A word of a replica, as they stand on the topic.
     *
     * @param place where it listens; empty where it does not say so
     * @param at when it said so
     */
    void heard(String replica, Optional<String> place, long at) {
        words++;
        listeners.computeIfPresent(replica, (name, before) -> before.spokeAgain(words));
        place.filter(there -> !listeners.containsKey(replica)
                        || !listeners.get(replica).place().equals(there))
                .ifPresent(there -> listeners.put(replica, new Listener(there, words, at, words)));
    }

    /**
     * When it was dead at the latest; empty where nobody proves that it is.
     *
     * @param readUntil what had been said by then has been read
     */
    OptionalLong deadBy(String replica, long readUntil) {
        Listener one = listeners.get(replica);
        return one == null
                ? OptionalLong.empty()
                : listeners.values().stream()
                        .filter(other -> other.place().equals(one.place()) && other.firstWord() > one.lastWord())
                        .mapToLong(Listener::since)
                        .filter(since -> since < readUntil - quietMillis)
                        .min();
    }

    void keepOnly(Set<String> replicas) {
        listeners.keySet().retainAll(replicas);
    }
}
