package org.m365connector.view;

/**
 * An entry of a view in one object: its key, the version and what is kept of the value. Equal are those of the same key, so that it
 * finds itself in a map; a million of them are to be small.
 */
abstract class Slot {
    private final long version;

    Slot(long version) {
        this.version = version;
    }

    final long version() {
        return version;
    }

    abstract String key();

    /** By the key alone. */
    @Override
    public abstract boolean equals(Object other);

    @Override
    public abstract int hashCode();

    /** Key and value as they are. */
    static final class Whole extends Slot {
        private final String key;
        private final Object value;

        Whole(String key, long version, Object value) {
            super(version);
            this.key = key;
            this.value = value;
        }

        @Override
        String key() {
            return key;
        }

        Object value() {
            return value;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Whole whole && whole.key.equals(key);
        }

        @Override
        public int hashCode() {
            return key.hashCode();
        }
    }
}
