package org.m365connector.graphproxy.throttle;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Who listens where. No two processes listen at one place at a time, so who is heard from there for the first time after the last word of
 * another one proves that the other is dead, and not only cut off. What counts is the order on the topic, which is the same for all.
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

    private final Map<String, Listener> listeners = new HashMap<>();
    private long words;

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

    /** When it was dead at the latest; empty where nobody proves that it is. */
    OptionalLong deadBy(String replica) {
        Listener one = listeners.get(replica);
        return one == null
                ? OptionalLong.empty()
                : listeners.values().stream()
                        .filter(other -> other.place().equals(one.place()) && other.firstWord() > one.lastWord())
                        .mapToLong(Listener::since)
                        .min();
    }

    void keepOnly(Set<String> replicas) {
        listeners.keySet().retainAll(replicas);
    }
}
