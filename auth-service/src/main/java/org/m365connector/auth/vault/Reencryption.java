package org.m365connector.auth.vault;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Seals anew, with the primary key, what older keys of the keyset have sealed.
 *
 * <ol>
 *   <li>A value is replaced only if it is still the one that was read: what somebody else writes meanwhile stays.
 *   <li>Each replacement is a statement of its own, so nothing is locked for longer than that takes.
 *   <li>What is left to do is seen from the values themselves. Nothing is remembered, so nothing is lost by {@code kill -9}, and
 *       any number of replicas may do it at once.
 *   <li>It goes from keys that stand before the primary to the primary, never back: a replica with the keyset of before undoes
 *       nothing.
 *   <li>What does not open is left as it is and told.
 * </ol>
 */
@ApplicationScoped
public class Reencryption {

    private static final Logger LOG = Logger.getLogger(Reencryption.class);
    private static final int AT_ONCE = 100;
    /** Of what cannot be opened, by column: enough to see whom it concerns. */
    private static final int LOST_SHOWN = 20;

    private final DataSource database;
    private final Vault vault;

    /** @param database one whose connections commit each statement */
    public Reencryption(DataSource database, Vault vault) {
        this.database = database;
        this.vault = vault;
    }

    /** Compared with nothing, so that it may hold an array. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Found(Object rowKey, Place place, byte[] sealed) {}

    /**
     * Goes through all columns once.
     *
     * @param steps runs what it is given, or does not where it is time to end
     * @return how many values were sealed anew
     */
    public long pass(Consumer<Runnable> steps) {
        AtomicLong replaced = new AtomicLong();
        for (SealedColumn column : SealedColumn.values()) {
            AtomicReference<Object> next = new AtomicReference<>(column.beforeFirst());
            while (next.get() != null) {
                Object after = next.getAndSet(null);
                steps.accept(() -> {
                    List<Found> batch = step(column, after, replaced);
                    if (batch.size() == AT_ONCE) {
                        next.set(batch.get(AT_ONCE - 1).rowKey());
                    }
                });
            }
        }
        return replaced.get();
    }

    private List<Found> step(SealedColumn column, Object after, AtomicLong replaced) {
        try (Connection connection = database.getConnection()) {
            List<Found> batch = batch(connection, column, vault.olderKeys(), after, AT_ONCE);
            for (Found found : batch) {
                Optional<byte[]> value = resealed(column, found);
                if (value.isPresent()) {
                    replaced.addAndGet(replace(connection, column, found, value.get()));
                }
            }
            return batch;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot encrypt anew", e);
        }
    }

    private static List<Found> batch(
            Connection connection, SealedColumn column, List<KeyId> keys, Object after, int most) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(column.selectSealedBy())) {
            Array prefixes = connection.createArrayOf(
                    "bytea", keys.stream().map(KeyId::prefix).toArray(byte[][]::new));
            statement.setArray(1, prefixes);
            statement.setObject(2, after);
            statement.setInt(3, most);
            List<Found> batch = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Object rowKey = row.getObject(1);
                    Place place = column.place(row.getString(2), row.getString(3), row.getString(4), rowKey);
                    batch.add(new Found(rowKey, place, row.getBytes(5)));
                }
            }
            return batch;
        }
    }

    private Optional<byte[]> resealed(SealedColumn column, Found found) {
        try {
            return Optional.of(vault.seal(found.place(), vault.open(found.place(), found.sealed())));
        } catch (IllegalStateException e) {
            LOG.errorf("Sealed value does not open column=%s row=%s", column.qualifiedName(), found.rowKey());
            return Optional.empty();
        }
    }

    private static int replace(Connection connection, SealedColumn column, Found found, byte[] value)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(column.replace())) {
            statement.setBytes(1, value);
            statement.setObject(2, found.rowKey());
            statement.setBytes(3, found.sealed());
            return statement.executeUpdate();
        }
    }

    /** What each key has sealed, counted now. */
    VaultView count() {
        VaultView.Builder view = new VaultView.Builder(vault);
        try (Connection connection = database.getConnection()) {
            for (SealedColumn column : SealedColumn.values()) {
                try (PreparedStatement statement = connection.prepareStatement(column.countByKey());
                        ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        view.add(KeyId.ofPrefix(row.getBytes(1)), column.qualifiedName(), row.getLong(2));
                    }
                }
            }
            VaultView counted = view.build();
            return counted.with(lost(connection, counted.missingKeys()));
        } catch (SQLException e) {
            throw new IllegalStateException("cannot count what is encrypted", e);
        }
    }

    private static List<VaultView.Lost> lost(Connection connection, List<KeyId> missing) throws SQLException {
        List<VaultView.Lost> lost = new ArrayList<>();
        if (!missing.isEmpty()) {
            for (SealedColumn column : SealedColumn.values()) {
                batch(connection, column, missing, column.beforeFirst(), LOST_SHOWN)
                        .forEach(found -> lost.add(VaultView.Lost.of(column, found.rowKey(), found.place())));
            }
        }
        return lost;
    }
}
