package org.m365connector.view;

/**
 * How a view keeps its entries in memory. What the key says already, and what many values have in common, need not be kept a
 * million times.
 */
interface Packing<V> {
    /** Called by the view's one thread. */
    Slot pack(String key, long version, V value);

    /** Equal to the slot of that key, if there is one. Called by any thread. */
    Slot probe(String key);

    V unpack(Slot slot);

    /** Entries as they are. */
    static <V> Packing<V> none() {
        return new Packing<>() {
            @Override
            public Slot pack(String key, long version, V value) {
                return new Slot.Whole(key, version, value);
            }

            @Override
            public Slot probe(String key) {
                return new Slot.Whole(key, 0, null);
            }

            // What comes out is what went in.
            @SuppressWarnings("unchecked")
            @Override
            public V unpack(Slot slot) {
                return (V) ((Slot.Whole) slot).value();
            }
        };
    }
}
