package org.m365connector.assignment.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.m365connector.events.EventCodec;
import org.m365connector.events.Narrowing;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * Keeps what happened to assignments. The database lets nobody change it but for one thing: a person who is gone is taken out of it.
 * Written in the transaction of the change itself.
 */
@ApplicationScoped
public class History {
    private static final String NOTE = """
            insert into assignment_history (portal_id, registration, assignment_id, at, what, version, principal_kind,
              principal_id, accounts, default_account, narrowing, actor_kind, actor, reason)
            select portal_id, registration, id, ?, ?, version, principal_kind, principal_id, accounts, default_account,
              narrowing, ?, ?, ?
            from assignment""";

    private final DataSource database;
    private final Clock clock;

    History(DataSource database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** These assignments stand in the table as they were made. */
    public void made(Collection<UUID> assignments, Cause cause) {
        note(HistoryEntry.What.MADE, assignments, cause);
    }

    /** These assignments stand in the table as they are now. */
    public void changed(Collection<UUID> assignments, Cause cause) {
        note(HistoryEntry.What.CHANGED, assignments, cause);
    }

    /** These assignments still stand in the table, and are about to be removed. */
    public void removed(Collection<UUID> assignments, Cause cause) {
        note(HistoryEntry.What.REMOVED, assignments, cause);
    }

    /** That something was done stays, for whom it was done goes, and the reasons that were given for it, where they stand with imports too. */
    public void forget(PortalId portal, PortalUser person) {
        execute("""
                update assignment_import set reason = null
                where portal_id = ? and reason is not null and id in (
                  select cast(substring(reason from '^import ([0-9a-f-]{36})') as uuid) from assignment_history
                  where portal_id = ? and principal_kind = 'USER' and principal_id = ?)""", statement -> {
            statement.setString(1, portal.value());
            statement.setString(2, portal.value());
            statement.setString(3, person.value());
        });
        execute("""
                update assignment_history
                set principal_id = '', reason = null, narrowing = '{}', person_removed = true
                where portal_id = ? and principal_kind = 'USER' and principal_id = ?""", statement -> {
            statement.setString(1, portal.value());
            statement.setString(2, person.value());
        });
    }

    /**
     * Nobody is named any more in the next entries of that registration, nor spoken of in a reason.
     *
     * @param after the last entry before them
     * @return the last one of them; empty where there was none behind them
     */
    public Optional<Long> forgetSome(PortalId portal, RegistrationName registration, long after, int atMost) {
        var sql = """
                with entries as (
                  select id from assignment_history where portal_id = ? and registration = ? and id > ? order by id limit ?),
                forgotten as (
                  update assignment_history h set reason = null,
                    principal_id = case principal_kind when 'USER' then '' else principal_id end,
                    narrowing = case principal_kind when 'USER' then '{}' else narrowing end,
                    person_removed = person_removed or principal_kind = 'USER'
                  from entries where h.id = entries.id and (reason is not null or (principal_kind = 'USER' and not person_removed)))
                select max(id), count(*) from entries""";
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            statement.setString(1, portal.value());
            statement.setString(2, registration.value());
            statement.setLong(3, after);
            statement.setInt(4, atMost);
            try (var row = statement.executeQuery()) {
                row.next();
                return row.getLong(2) < atMost ? Optional.empty() : Optional.of(row.getLong(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the history cannot be written", e);
        }
    }

    @Transactional
    HistoryPage page(PortalId portal, RegistrationName registration, Optional<UUID> assignment, long after, int size) {
        // Each goes by its own index: an assignment's entries are not looked for among all of the registration.
        var all =
                "select * from assignment_history where portal_id = ? and registration = ? and id > ? order by id limit ?";
        var ofOne = """
                select * from (select * from assignment_history where assignment_id = ? and id > ? order by id limit ?) one
                where portal_id = ? and registration = ? order by id""";
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(assignment.isPresent() ? ofOne : all)) {
            int at = 1;
            if (assignment.isPresent()) {
                statement.setObject(at++, assignment.get());
            } else {
                statement.setString(at++, portal.value());
                statement.setString(at++, registration.value());
            }
            statement.setLong(at++, after);
            statement.setInt(at++, size + 1);
            if (assignment.isPresent()) {
                statement.setString(at++, portal.value());
                statement.setString(at, registration.value());
            }
            try (var rows = statement.executeQuery()) {
                var entries = new ArrayList<HistoryEntry>();
                while (rows.next()) {
                    entries.add(entry(rows));
                }
                var items = entries.stream().limit(size).toList();
                return new HistoryPage(
                        items,
                        entries.size() > size
                                ? Optional.of(items.get(items.size() - 1).id())
                                : Optional.empty());
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the history cannot be read", e);
        }
    }

    private void note(HistoryEntry.What what, Collection<UUID> assignments, Cause cause) {
        execute(NOTE + " where id = any (?) order by id", statement -> {
            noted(statement, what, cause);
            statement.setArray(6, statement.getConnection().createArrayOf("uuid", assignments.toArray()));
        });
    }

    private void noted(PreparedStatement statement, HistoryEntry.What what, Cause cause) throws SQLException {
        statement.setTimestamp(1, Timestamp.from(clock.instant()));
        statement.setString(2, what.name());
        statement.setString(3, cause.actor().kind().name());
        statement.setString(4, cause.actor().name());
        statement.setString(5, cause.reason().orElse(null));
    }

    private void execute(String sql, Filling filling) {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            filling.fill(statement);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("the history cannot be written", e);
        }
    }

    private static HistoryEntry entry(ResultSet row) throws SQLException {
        return new HistoryEntry(
                row.getLong("id"),
                row.getTimestamp("at").toInstant(),
                HistoryEntry.What.valueOf(row.getString("what")),
                row.getObject("assignment_id", UUID.class),
                row.getLong("version"),
                new HistoryEntry.ForWhom(
                        row.getString("principal_kind").toLowerCase(Locale.ROOT),
                        row.getString("principal_id"),
                        row.getBoolean("person_removed")),
                List.of((String[]) row.getArray("accounts").getArray()),
                row.getString("default_account"),
                narrowing(row.getString("narrowing")),
                new Actor(Actor.Kind.valueOf(row.getString("actor_kind")), row.getString("actor")),
                Optional.ofNullable(row.getString("reason")));
    }

    private static Map<String, Narrowing> narrowing(String json) {
        try {
            return EventCodec.json().readValue(json, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the history cannot be read", e);
        }
    }

    private interface Filling {
        void fill(PreparedStatement statement) throws SQLException;
    }
}
