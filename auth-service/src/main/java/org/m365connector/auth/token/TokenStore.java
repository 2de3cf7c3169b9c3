package org.m365connector.auth.token;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.TokensVoid;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.vault.KeyHistory;
import org.m365connector.auth.vault.Place;
import org.m365connector.auth.vault.Vault;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * The tokens in the database, encrypted, and the leases to renew them. Plain SQL: what matters here is which statement
 * compares what. Each method is one statement, so that nothing is locked while Entra is being asked.
 */
@ApplicationScoped
public class TokenStore {

    private static final Logger LOG = Logger.getLogger(TokenStore.class);
    private static final String REFRESH = "refresh-token";
    private static final String PREVIOUS = "previous-refresh-token";
    private static final String ACCESS = "access-token";

    private final DataSource database;
    private final Vault vault;
    private final KeyHistory keys;
    private final Clock clock;

    /** @param database one whose connections take part in the caller's transaction, if there is one */
    public TokenStore(DataSource database, Vault vault, Clock clock) {
        this.database = database;
        this.vault = vault;
        this.keys = new KeyHistory(database, vault, clock);
        this.clock = clock;
    }

    /** Keeps the tokens of a login, in the transaction that accepts it. */
    public void begin(AccountKey key, long accountId, long generation, Grant.Granted tokens) {
        Instant now = clock.instant();
        execute("""
                insert into account_token (account_id, generation, revision, refresh_token, access_token,
                                           obtained_at, access_expires_at, public_client, granted_scopes)
                values (?, ?, 1, ?, ?, ?, ?, ?, ?)
                on conflict (account_id) do update set
                    generation = excluded.generation, revision = account_token.revision + 1,
                    refresh_token = excluded.refresh_token, previous_refresh_token = null,
                    access_token = excluded.access_token, obtained_at = excluded.obtained_at,
                    access_expires_at = excluded.access_expires_at, public_client = excluded.public_client,
                    granted_scopes = excluded.granted_scopes""", statement -> {
            statement.setLong(1, accountId);
            statement.setLong(2, generation);
            statement.setBytes(3, seal(key, REFRESH, tokens.refreshToken()));
            statement.setBytes(4, seal(key, ACCESS, Optional.of(tokens.accessToken())));
            statement.setTimestamp(5, Timestamp.from(now));
            statement.setTimestamp(6, Timestamp.from(now.plus(tokens.expiresIn())));
            statement.setBoolean(7, tokens.publicClient());
            statement.setString(8, tokens.scope().orElse(null));
        });
    }

    /** Destroys what has lost its worth, in the transaction that took it. */
    void onVoid(@Observes TokensVoid event) {
        if (event.keepRefreshToken()) {
            execute("""
                    update account_token set generation = ?, revision = revision + 1, access_token = null,
                        obtained_at = null, access_expires_at = null
                    where account_id = ?""", statement -> {
                statement.setLong(1, event.generation());
                statement.setLong(2, event.accountId());
            });
        } else {
            execute(
                    "delete from account_token where account_id = ?",
                    statement -> statement.setLong(1, event.accountId()));
        }
    }

    Optional<StoredTokens> read(AccountKey key) {
        Optional<SealedTokens> found;
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        select a.id, a.state, a.reason, a.generation, t.revision, t.refresh_token,
                               t.previous_refresh_token, t.access_token, t.obtained_at, t.access_expires_at,
                               t.public_client, t.granted_scopes
                        from account a
                        left join account_token t on t.account_id = a.id and t.generation = a.generation
                        where a.portal_id = ? and a.registration = ? and a.account = ?""")) {
            statement.setString(1, key.portal().value());
            statement.setString(2, key.registration().value());
            statement.setString(3, key.account().value());
            try (ResultSet row = statement.executeQuery()) {
                found = row.next() ? Optional.of(SealedTokens.of(row)) : Optional.empty();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read tokens", e);
        }
        // Without the connection: to open them may take a look into the history of the vault's keys.
        return found.map(tokens -> open(key, tokens));
    }

    /** A static account whose tokens nobody has renewed for long. */
    record Due(long accountId, AccountKey key) {}

    /**
     * Static accounts whose tokens nobody has renewed for long, in the order of their ids. Accounts that were signed in at the
     * same time come at different times: the last quarter of the interval is spread over them.
     *
     * @param after where the round before ended
     */
    List<Due> staticAccountsToRenew(Instant now, Duration interval, long after, int most) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        select a.portal_id, a.registration, a.account, a.id
                        from account a
                        join account_token t on t.account_id = a.id and t.generation = a.generation
                        where a.id > ? and a.account like 'static:%' and a.state = 'READY' and t.refresh_token is not null
                          and (t.obtained_at is null
                               or t.obtained_at + ? * (0.75 + (a.id % 100) / 400.0) * interval '1 millisecond' < ?)
                        order by a.id
                        limit ?""")) {
            statement.setLong(1, after);
            statement.setLong(2, interval.toMillis());
            statement.setTimestamp(3, Timestamp.from(now));
            statement.setInt(4, most);
            List<Due> due = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    var key = new AccountKey(
                            new PortalId(row.getString(1)),
                            new RegistrationName(row.getString(2)),
                            new AccountId(row.getString(3)));
                    due.add(new Due(row.getLong(4), key));
                }
            }
            return due;
        } catch (SQLException e) {
            throw new IllegalStateException("cannot look for accounts to renew", e);
        }
    }

    /** What Entra said that it granted with the account's last token. */
    public Optional<String> grantedScopes(AccountKey key) {
        return read(key).flatMap(StoredTokens::grantedScopes);
    }

    /**
     * What Entra said that it granted with the newest token under a registration.
     *
     * @param type of the accounts that count
     */
    public Optional<String> lastGrantedScopes(PortalId portal, RegistrationName registration, AccountType type) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        select t.granted_scopes
                        from account a join account_token t on t.account_id = a.id and t.generation = a.generation
                        where a.portal_id = ? and a.registration = ? and a.account_type = ? and t.granted_scopes is not null
                        order by t.obtained_at desc nulls last
                        limit 1""")) {
            statement.setString(1, portal.value());
            statement.setString(2, registration.value());
            statement.setString(3, type.name());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot look for granted scopes", e);
        }
    }

    /** The lease, unless somebody else holds it. By the database's clock, which all replicas share. */
    Optional<Lease> tryLease(long accountId, String owner, Duration life) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        insert into token_lease (account_id, owner, number, expires_at)
                        values (?, ?, 1, clock_timestamp() + ? * interval '1 millisecond')
                        on conflict (account_id) do update set
                            owner = excluded.owner, number = token_lease.number + 1, expires_at = excluded.expires_at
                        where token_lease.expires_at < clock_timestamp()
                        returning number""")) {
            statement.setLong(1, accountId);
            statement.setString(2, owner);
            statement.setLong(3, life.toMillis());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(new Lease(accountId, owner, row.getLong(1))) : Optional.empty();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot take a lease", e);
        }
    }

    /** Gives the lease back before its time. Does nothing where another owner has taken it over. */
    void release(Lease lease) {
        execute(
                "update token_lease set expires_at = '-infinity' where account_id = ? and owner = ? and number = ?",
                statement -> {
                    statement.setLong(1, lease.accountId());
                    statement.setString(2, lease.owner());
                    statement.setLong(3, lease.number());
                });
    }

    /**
     * Writes renewed tokens, if nothing has happened since {@code before} was read: same generation, same revision, still
     * ready, the lease not taken over. The refresh token that was used stays as the previous one.
     *
     * @param used the refresh token that Entra accepted
     * @return false where something has happened; the new tokens are then to be dropped
     */
    boolean write(Lease lease, StoredTokens before, Optional<String> used, Grant.Granted tokens) {
        Instant now = clock.instant();
        AccountKey key = before.key();
        Optional<String> refreshToken = tokens.refreshToken().or(() -> used);
        Optional<String> previous = tokens.refreshToken().isPresent() ? used : before.previousRefreshToken();
        int rows = execute("""
                insert into account_token (account_id, generation, revision, refresh_token, previous_refresh_token,
                                           access_token, obtained_at, access_expires_at, public_client, granted_scopes)
                select a.id, a.generation, ?, ?, ?, ?, ?, ?, ?, ?
                from account a join token_lease l on l.account_id = a.id
                where a.id = ? and a.generation = ? and a.state = 'READY' and l.owner = ? and l.number = ?
                for share of a
                on conflict (account_id) do update set
                    generation = excluded.generation, revision = excluded.revision,
                    refresh_token = excluded.refresh_token, previous_refresh_token = excluded.previous_refresh_token,
                    access_token = excluded.access_token, obtained_at = excluded.obtained_at,
                    access_expires_at = excluded.access_expires_at, public_client = excluded.public_client,
                    granted_scopes = excluded.granted_scopes
                where account_token.revision = ?""", statement -> {
            statement.setLong(1, before.revision() + 1);
            statement.setBytes(2, seal(key, REFRESH, refreshToken));
            statement.setBytes(3, seal(key, PREVIOUS, previous));
            statement.setBytes(4, seal(key, ACCESS, Optional.of(tokens.accessToken())));
            statement.setTimestamp(5, Timestamp.from(now));
            statement.setTimestamp(6, Timestamp.from(now.plus(tokens.expiresIn())));
            statement.setBoolean(7, tokens.publicClient());
            statement.setString(8, tokens.scope().or(before::grantedScopes).orElse(null));
            statement.setLong(9, before.accountId());
            statement.setLong(10, before.generation());
            statement.setString(11, lease.owner());
            statement.setLong(12, lease.number());
            statement.setLong(13, before.revision());
        });
        return rows == 1;
    }

    /**
     * Whether a refusal is of what the account has: the tokens are those that were read, and nobody has taken the lease over. Asked in
     * a transaction that holds the account's row, so that it stays true.
     */
    boolean isStill(Lease lease, StoredTokens before) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement("""
                        select coalesce((select revision from account_token where account_id = ? and generation = ?), 0) = ?
                           and exists (select 1 from token_lease where account_id = ? and owner = ? and number = ?)""")) {
            statement.setLong(1, before.accountId());
            statement.setLong(2, before.generation());
            statement.setLong(3, before.revision());
            statement.setLong(4, lease.accountId());
            statement.setString(5, lease.owner());
            statement.setLong(6, lease.number());
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot compare tokens", e);
        }
    }

    /** A row, as it is encrypted. Compared with nothing, so that it may hold arrays. */
    @SuppressWarnings("ArrayRecordComponent")
    private record SealedTokens(
            long accountId,
            String state,
            String reason,
            long generation,
            long revision,
            byte[] refreshToken,
            byte[] previousRefreshToken,
            byte[] accessToken,
            Timestamp obtained,
            Timestamp expires,
            boolean publicClient,
            String grantedScopes) {

        static SealedTokens of(ResultSet row) throws SQLException {
            return new SealedTokens(
                    row.getLong("id"),
                    row.getString("state"),
                    row.getString("reason"),
                    row.getLong("generation"),
                    row.getLong("revision"),
                    row.getBytes("refresh_token"),
                    row.getBytes("previous_refresh_token"),
                    row.getBytes("access_token"),
                    row.getTimestamp("obtained_at"),
                    row.getTimestamp("access_expires_at"),
                    row.getBoolean("public_client"),
                    row.getString("granted_scopes"));
        }
    }

    private StoredTokens open(AccountKey key, SealedTokens sealed) {
        Optional<TokenAnswer.Issued> access = openOrDoWithout(key, ACCESS, sealed.accessToken())
                .map(token -> new TokenAnswer.Issued(
                        token, sealed.obtained().toInstant(), sealed.expires().toInstant(), sealed.generation()));
        return new StoredTokens(
                sealed.accountId(),
                key,
                AccountState.valueOf(sealed.state()),
                sealed.reason(),
                sealed.generation(),
                sealed.revision(),
                openOrDoWithout(key, REFRESH, sealed.refreshToken()),
                openOrDoWithout(key, PREVIOUS, sealed.previousRefreshToken()),
                access,
                sealed.publicClient(),
                Optional.ofNullable(sealed.grantedScopes()));
    }

    /** What was changed in the database or moved there is told; with a refresh token that opens the account renews itself all the same. */
    private Optional<String> openOrDoWithout(AccountKey key, String field, byte[] sealed) {
        try {
            return open(key, field, sealed);
        } catch (IllegalStateException e) {
            LOG.errorf("Sealed value does not open account=%s field=%s", key, field);
            return Optional.empty();
        }
    }

    private byte[] seal(AccountKey key, String field, Optional<String> value) {
        return value.map(text -> vault.seal(place(key, field), text)).orElse(null);
    }

    private Optional<String> open(AccountKey key, String field, byte[] sealed) {
        // Without the key that is gone for good a token is gone as well: the account needs a login.
        return Optional.ofNullable(sealed).flatMap(bytes -> keys.open(place(key, field), bytes));
    }

    private static Place place(AccountKey key, String field) {
        return new Place(key.portal(), key.registration(), key.account().value(), field);
    }

    private interface Parameters {
        void set(PreparedStatement statement) throws SQLException;
    }

    private int execute(String sql, Parameters parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            parameters.set(statement);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot write tokens", e);
        }
    }
}
