package org.m365connector.view;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * Slots by their keys: a hash table with open addresses, written by one thread and read by any, without a lock. A map of the JDK needs
 * an object more for each entry: a million of them to hold, to collect, and to pass by on each look-up.
 */
final class SlotTable {
    private static final int SMALLEST = 64;

    /** In the place of what was removed: whoever looks for something goes on behind it. */
    private static final Slot REMOVED = new Slot.Whole("", 0, null);

    private volatile AtomicReferenceArray<Slot> places = new AtomicReferenceArray<>(SMALLEST);
    private final AtomicInteger size = new AtomicInteger();

    /** Places that are not empty, those of what was removed among them. */
    private int taken;

    /** The slot of the same key, or null. */
    Slot get(Slot probe) {
        var all = places;
        int place = first(probe, all);
        for (var slot = all.get(place); slot != null; slot = all.get(place)) {
            if (!isRemoved(slot) && slot.equals(probe)) {
                return slot;
            }
            place = next(place, all);
        }
        return null;
    }

    int size() {
        return size.get();
    }

    /** In the place of the one of the same key, if there is one. */
    void put(Slot slot) {
        var all = places;
        int place = first(slot, all);
        int free = -1;
        for (var other = all.get(place); other != null; other = all.get(place)) {
            if (isRemoved(other)) {
                free = free < 0 ? place : free;
            } else if (other.equals(slot)) {
                all.set(place, slot);
                return;
            }
            place = next(place, all);
        }
        all.set(free < 0 ? place : free, slot);
        size.incrementAndGet();
        if (free < 0) {
            taken++;
            makeRoom();
        }
    }

    void remove(Slot probe) {
        var all = places;
        int place = first(probe, all);
        for (var slot = all.get(place); slot != null; slot = all.get(place)) {
            if (!isRemoved(slot) && slot.equals(probe)) {
                all.set(place, REMOVED);
                size.decrementAndGet();
                return;
            }
            place = next(place, all);
        }
    }

    /** Changes made meanwhile may or may not be seen. */
    void forEach(Consumer<Slot> visitor) {
        var all = places;
        for (int i = 0; i < all.length(); i++) {
            var slot = all.get(i);
            if (slot != null && !isRemoved(slot)) {
                visitor.accept(slot);
            }
        }
    }

    /** Two thirds are taken at most. Whoever reads in the old places meanwhile finds all that was there when he began. */
    private void makeRoom() {
        if (taken < places.length() / 3 * 2) {
            return;
        }
        int length = SMALLEST;
        while (length < 2 * size.get()) {
            length *= 2;
        }
        var larger = new AtomicReferenceArray<Slot>(Math.max(length, SMALLEST));
        forEach(slot -> {
            int place = first(slot, larger);
            while (larger.get(place) != null) {
                place = next(place, larger);
            }
            larger.setPlain(place, slot);
        });
        taken = size.get();
        places = larger;
    }

    /** It, and not another one of its key. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isRemoved(Slot slot) {
        return slot == REMOVED;
    }

    private static int first(Slot slot, AtomicReferenceArray<Slot> all) {
        int hash = slot.hashCode();
        // A text's hash hardly differs in its lower bits from that of its neighbours.
        hash = (hash ^ hash >>> 16) * 0x9E3779B1;
        return (hash ^ hash >>> 15) & all.length() - 1;
    }

    private static int next(int place, AtomicReferenceArray<Slot> all) {
        return place + 1 & all.length() - 1;
    }
}
