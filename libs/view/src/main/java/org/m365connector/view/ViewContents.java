package org.m365connector.view;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/**
 * The newest version of every key. Removed keys are remembered with their version for a while, so that an older record
 * (from another partition, or sent again) does not bring them back. Written by one thread, read by any.
 */
final class ViewContents<V> {
    private final Packing<V> packing;
    private final SlotTable entries = new SlotTable();
    private final Map<String, Grave> graves = new HashMap<>();

    ViewContents(Packing<V> packing) {
        this.packing = packing;
    }

    private record Grave(long version, Instant since) {}

    record Change<V>(String key, Optional<V> old, Optional<V> now) {}

    Optional<V> get(String key) {
        var slot = entries.get(packing.probe(key));
        return slot == null ? Optional.empty() : Optional.of(packing.unpack(slot));
    }

    int size() {
        return entries.size();
    }

    Optional<Versioned<V>> find(String key) {
        var slot = entries.get(packing.probe(key));
        return slot == null ? Optional.empty() : Optional.of(new Versioned<>(slot.version(), packing.unpack(slot)));
    }

    /** Without copying; changes made meanwhile may or may not be seen. */
    void forEach(BiConsumer<String, Versioned<V>> visitor) {
        entries.forEach(slot -> visitor.accept(slot.key(), new Versioned<>(slot.version(), packing.unpack(slot))));
    }

    Optional<Change<V>> put(String key, Versioned<V> candidate) {
        var slot = packing.pack(key, candidate.version(), candidate.value());
        var known = entries.get(slot);
        var grave = graves.get(key);
        if ((known != null && candidate.version() <= known.version())
                || (grave != null && candidate.version() <= grave.version())) {
            return Optional.empty();
        }
        if (grave != null) {
            graves.remove(key);
        }
        entries.put(slot);
        return Optional.of(
                new Change<>(key, Optional.ofNullable(known).map(packing::unpack), Optional.of(candidate.value())));
    }

    /**
     * A removal wins over a value of its own version. One without a version (an operator's hand) is taken at its place
     * in the topic: it removes what is known now.
     */
    Optional<Change<V>> remove(String key, OptionalLong version, Instant now) {
        var probe = packing.probe(key);
        var known = entries.get(probe);
        var grave = graves.get(key);
        long knownVersion = known != null ? known.version() : grave != null ? grave.version() : Long.MIN_VALUE;
        long removed = version.orElse(knownVersion);
        if (removed < knownVersion) {
            return Optional.empty();
        }
        graves.put(key, new Grave(removed, now));
        entries.remove(probe);
        return Optional.ofNullable(known)
                .map(was -> new Change<>(key, Optional.of(packing.unpack(was)), Optional.empty()));
    }

    void forgetRemovalsBefore(Instant limit) {
        graves.values().removeIf(grave -> grave.since().isBefore(limit));
    }
}
