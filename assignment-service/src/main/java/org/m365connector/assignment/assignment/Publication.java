package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.TreeMap;
import java.util.stream.LongStream;
import javax.sql.DataSource;
import org.m365connector.events.AccountName;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.Event;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;

/**
 * Keeps {@code m365.assignments} equal to the table {@code effective_assignments}: what changes there is published in the
 * same transaction. {@link #lock} comes before the caller reads what decides, so the versions of a key rise in the order of the
 * commits, and the last one is right.
 */
@ApplicationScoped
class Publication {
    private final DataSource database;
    private final Outbox outbox;
    private final Clock clock;

    Publication(DataSource database, Outbox outbox, Clock clock) {
        this.database = database;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** What a record says of one user. */
    record Said(
            List<AssignmentsRecord.Account> accounts,
            Optional<DecidingRule> rule,
            Optional<PortalUser> technicalUser) {}

    /** What stands there now of these; until the transaction ends nobody else changes it, nor says anything of those who are not there. */
    Map<String, Said> lock(Registration registration, Collection<String> users) {
        try (var connection = database.getConnection()) {
            var said = locked(connection, registration, users);
            var missing = users.stream().filter(user -> !said.containsKey(user)).toList();
            if (!missing.isEmpty()) {
                lockMissing(connection, registration, missing);
                said.putAll(locked(connection, registration, missing));
            }
            return said;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static Map<String, Said> locked(Connection connection, Registration registration, Collection<String> users)
            throws SQLException {
        var sql = """
                select portal_user, accounts, default_account, narrowing, rule_kind, rule_name, technical_user
                from effective_assignments where portal_id = ? and registration = ? and portal_user = any (?) order by portal_user for update""";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, registration.portal().value());
            statement.setString(2, registration.name().value());
            statement.setArray(3, connection.createArrayOf("text", users.toArray()));
            var said = new HashMap<String, Said>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    var technicalUser = Optional.ofNullable(rows.getString("technical_user"));
                    said.put(
                            rows.getString("portal_user"),
                            new Said(
                                    accounts(
                                            (String[]) rows.getArray("accounts").getArray(),
                                            rows.getString("default_account"),
                                            rows.getString("narrowing")),
                                    rule(rows.getString("rule_kind"), rows.getString("rule_name")),
                                    technicalUser.map(PortalUser::new)));
                }
            }
            return said;
        }
    }

    /** There is no row to lock; two who make it at once must take turns before they read what decides. */
    private static void lockMissing(Connection connection, Registration registration, List<String> users)
            throws SQLException {
        var sql = "select pg_advisory_xact_lock(hashtextextended(k, 0)) from (select unnest(?) k order by 1) keys";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text",
                            users.stream()
                                    .map(user -> AssignmentsRecord.key(
                                            registration.portal(), registration.name(), new PortalUser(user)))
                                    .toArray()));
            statement.execute();
        }
    }

    /**
     * From now on this holds for these users, and the others of those before are not known any more. What was said before already is
     * not said again.
     */
    void say(Registration registration, Map<String, Said> before, Map<String, Said> now) {
        var news = new TreeMap<String, Optional<Said>>();
        now.forEach((user, said) -> {
            if (!said.equals(before.get(user))) {
                news.put(user, Optional.of(said));
            }
        });
        before.keySet().stream()
                .filter(user -> !now.containsKey(user))
                .forEach(user -> news.put(user, Optional.empty()));
        if (news.isEmpty()) {
            return;
        }
        try (var connection = database.getConnection()) {
            var versions = nextVersions(connection, news.size());
            var batch = outbox.batch();
            try (var upsert = connection.prepareStatement("""
                            insert into effective_assignments
                              (portal_id, registration, portal_user, version, accounts, default_account, narrowing, technical_user,
                               rule_kind, rule_name)
                            values (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?)
                            on conflict (portal_id, registration, portal_user) do update set version = excluded.version,
                              accounts = excluded.accounts, default_account = excluded.default_account,
                              narrowing = excluded.narrowing, technical_user = excluded.technical_user,
                              rule_kind = excluded.rule_kind, rule_name = excluded.rule_name""");
                    var delete = connection.prepareStatement("""
                            delete from effective_assignments
                            where portal_id = ? and registration = ? and portal_user = ?""")) {
                for (var entry : news.entrySet()) {
                    var version = versions.nextLong();
                    var record = new AssignmentsRecord(
                            registration.portal(),
                            registration.name(),
                            new PortalUser(entry.getKey()),
                            version,
                            entry.getValue().map(Said::accounts).orElse(List.of()),
                            entry.getValue().flatMap(Said::technicalUser),
                            entry.getValue().flatMap(Said::rule));
                    var statement = entry.getValue().isPresent() ? upsert : delete;
                    statement.setString(1, record.portalId().value());
                    statement.setString(2, record.registration().value());
                    statement.setString(3, record.portalUser().value());
                    if (entry.getValue().isPresent()) {
                        statement.setLong(4, version);
                        statement.setArray(
                                5,
                                connection.createArrayOf(
                                        "text",
                                        record.accounts().stream()
                                                .map(held -> held.account().value())
                                                .toArray()));
                        statement.setString(
                                6,
                                record.accounts().stream()
                                        .filter(AssignmentsRecord.Account::isDefault)
                                        .map(held -> held.account().value())
                                        .findFirst()
                                        .orElse(null));
                        statement.setString(7, narrowing(record.accounts()));
                        statement.setString(
                                8, record.technicalUser().map(PortalUser::value).orElse(null));
                        statement.setString(
                                9, record.rule().map(rule -> rule.kind().name()).orElse(null));
                        statement.setString(
                                10, record.rule().flatMap(DecidingRule::name).orElse(null));
                        batch.add(Topics.ASSIGNMENTS, record.key(), event(record));
                    } else {
                        batch.tombstone(Topics.ASSIGNMENTS, record.key(), version);
                    }
                    statement.addBatch();
                }
                upsert.executeBatch();
                delete.executeBatch();
            }
            batch.write();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private Event<AssignmentsRecord> event(AssignmentsRecord record) {
        var source = URI.create("/m365/" + record.portalId() + "/" + record.registration());
        var id = record.key() + "/" + record.version();
        return Event.of(id, source, AssignmentsRecord.TYPE, clock.instant(), record)
                .withSubject(record.portalUser().value());
    }

    static List<AssignmentsRecord.Account> accounts(String[] names, String preferred, String narrowing) {
        var narrowed = NarrowingJson.read(narrowing);
        return List.of(names).stream()
                .map(name -> new AssignmentsRecord.Account(
                        new AccountName(name),
                        name.equals(preferred),
                        Optional.ofNullable(narrowed.get(new AccountName(name)))))
                .toList();
    }

    private static Optional<DecidingRule> rule(String kind, String name) {
        return Optional.ofNullable(kind)
                .map(DecidingRule.Kind::valueOf)
                .map(known -> new DecidingRule(known, Optional.ofNullable(name)));
    }

    private static String narrowing(List<AssignmentsRecord.Account> accounts) {
        var narrowed = new HashMap<AccountName, org.m365connector.events.Narrowing>();
        accounts.forEach(held -> held.narrowing().ifPresent(left -> narrowed.put(held.account(), left)));
        return NarrowingJson.write(narrowed);
    }

    private static PrimitiveIterator.OfLong nextVersions(Connection connection, int count) throws SQLException {
        var sql = "select nextval('assignments_version') from generate_series(1, ?)";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setInt(1, count);
            var versions = LongStream.builder();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    versions.add(rows.getLong(1));
                }
            }
            return versions.build().iterator();
        }
    }

    private static IllegalStateException failed(SQLException e) {
        return new IllegalStateException("the effective assignments cannot be written", e);
    }
}
