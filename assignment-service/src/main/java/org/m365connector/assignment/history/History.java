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

    /** All of that registration still stand in the table, and are about to be removed. */
    public void allRemoved(PortalId portal, RegistrationName registration, Cause cause) {
        execute(NOTE + " where portal_id = ? and registration = ? order by id", statement -> {
            noted(statement, HistoryEntry.What.REMOVED, cause);
            statement.setString(6, portal.value());
            statement.setString(7, registration.value());
        });
    }

    /** That something was done stays, for whom it was done goes. */
    public void forget(PortalId portal, PortalUser person) {
        execute("""
                update assignment_history
                set principal_id = '', reason = null, narrowing = '{}', person_removed = true
                where portal_id = ? and principal_kind = 'USER' and principal_id = ?""", statement -> {
            statement.setString(1, portal.value());
            statement.setString(2, person.value());
        });
    }

    /** Nobody of that portal is known any more. */
    public void forgetAll(PortalId portal) {
        execute("""
                update assignment_history
                set principal_id = '', reason = null, narrowing = '{}', person_removed = true
                where portal_id = ? and principal_kind = 'USER' and not person_removed""", statement -> statement.setString(1, portal.value()));
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
