package org.m365connector.view;

/**
 * How a view keeps its values in memory. What the key says already, and what many values have in common, need not be kept a
 * million times.
 */
interface Packing<V> {
    /** Called by the view's one thread. */
    Object pack(String key, V value);

    V unpack(String key, long version, Object packed);

    /** Values as they are. */
    // What comes out is what went in.
    @SuppressWarnings("unchecked")
    static <V> Packing<V> none() {
        return new Packing<>() {
            @Override
            public Object pack(String key, V value) {
                return value;
            }

            @Override
            public V unpack(String key, long version, Object packed) {
                return (V) packed;
            }
        };
    }
}
