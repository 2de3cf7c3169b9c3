package org.m365connector.auth.vault;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The vault's keys and how many values each has sealed.
 *
 * @param primary the key that seals
 * @param remaining how many values are still to be sealed anew
 * @param missing how many values cannot be opened, because their key is not in the keyset
 * @param done everything is sealed by the primary key, so that no other is needed
 * @param lost the first of what cannot be opened, some of each column
 */
record VaultView(KeyId primary, long remaining, long missing, boolean done, List<Key> keys, List<Lost> lost) {

    /**
     * @param id empty for what no vault has sealed
     * @param values how many it has sealed
     * @param columns the same by table and column
     */
    record Key(Optional<KeyId> id, KeyState state, long values, Map<String, Long> columns) {}

    /**
     * A value that cannot be opened.
     *
     * @param column its table and column
     * @param row the key of its row: the id of a credential, for one
     * @param owner the account, or {@code -} for what belongs to the registration itself
     */
    record Lost(String column, String row, String portal, String registration, String owner) {

        static Lost of(SealedColumn column, Object row, Place place) {
            return new Lost(
                    column.qualifiedName(),
                    row.toString(),
                    place.portal().value(),
                    place.registration().value(),
                    place.owner());
        }
    }

    List<KeyId> missingKeys() {
        return keys.stream()
                .filter(key -> key.state() == KeyState.MISSING)
                .flatMap(key -> key.id().stream())
                .toList();
    }

    VaultView with(List<Lost> what) {
        return new VaultView(primary, remaining, missing, done, keys, what);
    }

    long values(KeyState state) {
        return values(keys, state);
    }

    private static long values(List<Key> keys, KeyState state) {
        return keys.stream()
                .filter(key -> key.state() == state)
                .mapToLong(Key::values)
                .sum();
    }

    static final class Builder {

        private final Vault vault;
        private final Map<Optional<KeyId>, Map<String, Long>> counts = new LinkedHashMap<>();

        Builder(Vault vault) {
            this.vault = vault;
            vault.keys().forEach(key -> counts.put(Optional.of(key), new TreeMap<>()));
        }

        void add(Optional<KeyId> key, String column, long values) {
            counts.computeIfAbsent(key, missing -> new TreeMap<>()).merge(column, values, Long::sum);
        }

        VaultView build() {
            List<Key> keys = new ArrayList<>();
            counts.forEach((id, columns) -> keys.add(new Key(
                    id,
                    id.map(key -> KeyState.of(key, vault)).orElse(KeyState.MISSING),
                    columns.values().stream().mapToLong(Long::longValue).sum(),
                    columns)));
            long all = keys.stream().mapToLong(Key::values).sum();
            return new VaultView(
                    vault.primary(),
                    VaultView.values(keys, KeyState.OLDER),
                    VaultView.values(keys, KeyState.MISSING),
                    VaultView.values(keys, KeyState.PRIMARY) == all,
                    keys,
                    List.of());
        }
    }
}
