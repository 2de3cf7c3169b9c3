package org.m365connector.auth.vault;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.m365connector.auth.AuthProblem;
import org.m365connector.problem.ProblemException;

/**
 * Knows in which order the vault's keys came, and from it what it means that one is missing: it was taken out of the keyset, or
 * this process has not got it yet.
 */
@ApplicationScoped
public class KeyHistory {

    private final DataSource database;
    private final Vault vault;
    private final Clock clock;
    /** Of missing keys. Neither our keys nor the order changes while we live. */
    private final Map<KeyId, Boolean> retired = new ConcurrentHashMap<>();

    public KeyHistory(DataSource database, Vault vault, Clock clock) {
        this.database = database;
        this.vault = vault;
        this.clock = clock;
    }

    /**
     * Adds the keys of this process, before it seals anything.
     *
     * @throws IllegalStateException where none of them is known but others are, or nothing that is sealed already was sealed by
     *     one of them: this is the keyset of something else. To go on would make all accounts need a login.
     */
    public void remember() {
        try (Connection connection = database.getConnection()) {
            if (isForeign(connection) || hasSealedNothing(connection)) {
                throw new IllegalStateException(
                        "the vault's keyset has none of the keys that this database was encrypted"
                                + " with: it was replaced, not extended. Put the right one into M365_VAULT_KEYSET; if it is lost for"
                                + " good, see \"Backups\" in docs/operations.md");
            }
            try (PreparedStatement statement = connection.prepareStatement(
                    "insert into vault_key (id, first_seen) values (?, ?) on conflict (id) do nothing")) {
                for (KeyId key : vault.keys()) {
                    statement.setLong(1, key.value());
                    statement.setTimestamp(2, Timestamp.from(clock.instant()));
                    statement.executeUpdate();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot remember the vault's keys", e);
        }
    }

    private boolean isForeign(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select count(*) > 0 and count(*) filter (where id = any(?)) = 0 from vault_key")) {
            statement.setArray(1, ours(connection));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Where no key is known yet: a database from before the keys were remembered tells by its values which ones it needs. */
    private boolean hasSealedNothing(Connection connection) throws SQLException {
        if (knowsKeys(connection)) {
            return false;
        }
        boolean sealedByOthers = false;
        for (SealedColumn column : SealedColumn.values()) {
            try (PreparedStatement statement = connection.prepareStatement(column.countByKey());
                    ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    if (KeyId.ofPrefix(row.getBytes(1))
                            .filter(vault.keys()::contains)
                            .isPresent()) {
                        return false;
                    }
                    sealedByOthers = true;
                }
            }
        }
        return sealedByOthers;
    }

    private static boolean knowsKeys(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select 1 from vault_key limit 1");
                ResultSet row = statement.executeQuery()) {
            return row.next();
        }
    }

    private Array ours(Connection connection) throws SQLException {
        return connection.createArrayOf(
                "bigint", vault.keys().stream().map(KeyId::value).toArray());
    }

    /**
     * The value; empty where its key was taken out of the keyset, so that nobody can ever open it again.
     *
     * @throws ProblemException {@code vault-key-missing} where a process with a newer keyset has sealed it
     * @throws IllegalStateException where it was changed or moved
     * @throws UncheckedSqlException where that cannot be said now
     */
    public Optional<String> open(Place place, byte[] sealed) {
        Optional<KeyId> missing = KeyId.of(sealed).filter(key -> !vault.keys().contains(key));
        if (missing.isEmpty()) {
            return Optional.of(vault.open(place, sealed));
        }
        if (retired.computeIfAbsent(missing.get(), this::isRetired)) {
            return Optional.empty();
        }
        throw new ProblemException(AuthProblem.VAULT_KEY_MISSING, missing.get());
    }

    private boolean isRetired(KeyId missing) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        select coalesce((select max(number) from vault_key where id = any(?)), 0)
                               > coalesce((select number from vault_key where id = ?), 0)""")) {
            statement.setArray(1, ours(connection));
            statement.setLong(2, missing.value());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        } catch (SQLException e) {
            // Not the failure of a value: it may be good, and must not be given up for that.
            throw new UncheckedSqlException("cannot ask for the order of the vault's keys", e);
        }
    }
}
