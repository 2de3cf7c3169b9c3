package org.m365connector.graphproxy.throttle;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.m365connector.events.ReplicaAlive;

/**
 * Whom the replicas count, by what they say. As soon as one of them counts somebody no more, his turns are over, and that is at one place of the
 * topic for all who read it. If each forgot them when he misses him, one would see an empty line where another one sees him stand in it.
 */
final class Census {

    private final String self;

    /** Whom each of them counted, as he said last. */
    private final Map<String, Set<String>> counted = new HashMap<>();

    /** Whom we miss, and have not said so. */
    private final Set<String> missed = new HashSet<>();

    Census(String self) {
        this.self = self;
    }

    /** We count them no more, also where we never said that we did. */
    void miss(Collection<String> names) {
        missed.addAll(names);
    }

    /** @return the others that are gone from here on */
    Set<String> heard(ReplicaAlive word) {
        Set<String> gone = new TreeSet<>();
        Set<String> now = word.hears().map(Set::copyOf).orElse(Set.of());
        if (word.leaving()) {
            gone.add(word.replica());
        } else if (!now.isEmpty()) {
            missed.remove(word.replica());
            Set<String> before = counted.put(word.replica(), now);
            gone.addAll(before == null ? Set.of() : before);
            if (word.replica().equals(self)) {
                gone.addAll(missed);
                missed.clear();
            }
            gone.removeAll(now);
        }
        gone.remove(self);
        counted.keySet().removeAll(gone);
        return gone;
    }

    /** Those, and whom they count. */
    Set<String> countedBy(Collection<String> names) {
        Set<String> all = new HashSet<>(names);
        names.forEach(name -> all.addAll(counted.getOrDefault(name, Set.of())));
        return all;
    }
}
