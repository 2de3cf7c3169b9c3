package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.m365connector.assignment.user.GroupKind;
import org.m365connector.assignment.user.KnownGroups;
import org.m365connector.assignment.user.KnownUsers;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * Works out again what many users may use, after a change of something that they share.
 *
 * <ol>
 *   <li>A few are worked out in the transaction of the change itself. Of more, only the wish is written down there.
 *   <li>Then they are done in the order of their ids, some at a time, each time in a transaction of its own that notes how far it has
 *       come: a kill loses at most the one under way.
 *   <li>Whoever has the row of the wish does the next step, so replicas share the work and none does it twice.
 *   <li>A step shares the registration's lock: single users change meanwhile. Whoever changes a rule waits for one step.
 *   <li>The same wish again begins again from the first user. Of several wishes that goes on which has come least far, so that a
 *       small one is not kept waiting by a large one.
 * </ol>
 */
@ApplicationScoped
class Recalculations {
    /** So many are done at once: they take about as long as the change itself. */
    static final int AT_ONCE = 100;

    /** Whoever changes a rule waits until they are done, each time: a busy machine needs about a millisecond for one. */
    private static final int IN_A_STEP = 50;

    /** A change for one user waits behind so many events, and those of a step: what the relay takes at once. */
    private static final int MOST_WAITING_EVENTS = 250;

    /** Replicas beyond these find nothing to do, and try again. */
    private static final int CANDIDATES = 8;

    private final DataSource database;
    private final EffectiveAssignments effective;
    private final Registrations registrations;
    private final KnownUsers users;
    private final KnownGroups groups;
    private final PortalLock locks;
    private final Clock clock;

    Recalculations(
            DataSource database,
            EffectiveAssignments effective,
            Registrations registrations,
            KnownUsers users,
            KnownGroups groups,
            PortalLock locks,
            Clock clock) {
        this.database = database;
        this.effective = effective;
        this.registrations = registrations;
        this.users = users;
        this.groups = groups;
        this.locks = locks;
        this.clock = clock;
    }

    /**
     * For a group or role its members, for {@link Principal#DEFAULT} everybody who is known, was known or is named under the
     * registration, whose lock the caller holds alone.
     *
     * @return whether there are more than could be done at once
     */
    boolean begin(Registration registration, Principal principal) {
        var scope = new Scope(registration.portal(), registration.name(), principal);
        var first = next(scope, "", AT_ONCE + 1);
        if (first.size() <= AT_ONCE) {
            effective.workOut(registration, first);
            return false;
        }
        execute("""
                insert into recalculation (portal_id, registration, principal_kind, principal_id, requested_at)
                values (?, ?, ?, ?, ?)
                on conflict (portal_id, registration, principal_kind, principal_id) do update set
                  round = recalculation.round + 1, done_until = '', users_done = 0, users_total = null,
                  requested_at = excluded.requested_at, finished_at = null""", statement -> {
            scope.fill(statement);
            statement.setTimestamp(5, Timestamp.from(clock.instant()));
        });
        return true;
    }

    /** Whether nobody would have to wait longer for his own change if more were said now. */
    @Transactional
    boolean haveRoom() {
        return query(
                                "select count(*) from (select 1 from outbox where attempts = 0 limit ?) waiting",
                                statement -> statement.setInt(1, MOST_WAITING_EVENTS),
                                row -> row.getLong(1))
                        .get(0)
                < MOST_WAITING_EVENTS;
    }

    /** What there is to do. Another replica may be at it. */
    @Transactional
    List<Wish> wishes() {
        return query(
                """
                select id, portal_id, registration, principal_kind, principal_id from recalculation
                where finished_at is null order by users_done, id limit ?""", statement -> statement.setInt(1, CANDIDATES), row -> new Wish(row.getLong("id"), Scope.of(row)));
    }

    /** @return false where another replica is at it, or it is finished */
    @Transactional
    boolean step(Wish wish) {
        var scope = wish.scope();
        locks.share(scope.portal());
        var registration = registrations.share(scope.portal(), scope.registration());
        var found = query(
                "select done_until, users_total from recalculation where id = ? and finished_at is null for update skip locked",
                statement -> statement.setLong(1, wish.id()),
                row -> new Progress(row.getString("done_until"), row.getObject("users_total", Long.class)));
        if (found.isEmpty() || registration.isEmpty()) {
            return false;
        }
        var progress = found.get(0);
        var total = progress.total() == null ? count(scope) : progress.total();
        var some = next(scope, progress.doneUntil(), IN_A_STEP);
        effective.workOut(registration.get(), some);
        var isLast = some.size() < IN_A_STEP;
        execute("""
                update recalculation set done_until = ?, users_done = users_done + ?, users_total = ?, finished_at = ?
                where id = ?""", statement -> {
            statement.setString(1, some.isEmpty() ? progress.doneUntil() : some.get(some.size() - 1));
            statement.setInt(2, some.size());
            statement.setLong(3, total);
            statement.setTimestamp(4, isLast ? Timestamp.from(clock.instant()) : null);
            statement.setLong(5, wish.id());
        });
        return true;
    }

    /** Those that run, and of each principal the last that has run, the newest first. */
    @Transactional
    List<Recalculation> list(PortalId portal, int atMost) {
        return query(
                """
                select * from recalculation where portal_id = ?
                order by finished_at is not null, requested_at desc, id desc limit ?""",
                statement -> {
                    statement.setString(1, portal.value());
                    statement.setInt(2, atMost);
                },
                row -> new Recalculation(
                        row.getString("registration"),
                        Scope.of(row).principal(),
                        row.getLong("users_done"),
                        Optional.ofNullable(row.getObject("users_total", Long.class)),
                        row.getTimestamp("finished_at") != null,
                        row.getTimestamp("requested_at").toInstant(),
                        Optional.ofNullable(row.getTimestamp("finished_at")).map(Timestamp::toInstant)));
    }

    /** Something that is to be done, by whoever comes first. */
    record Wish(long id, Scope scope) {}

    private record Progress(String doneUntil, Long total) {}

    /** Whose members, under which registration. */
    record Scope(PortalId portal, RegistrationName registration, Principal principal) {
        static Scope of(ResultSet row) throws SQLException {
            return new Scope(
                    new PortalId(row.getString("portal_id")),
                    new RegistrationName(row.getString("registration")),
                    new Principal(
                            Principal.Kind.valueOf(row.getString("principal_kind")), row.getString("principal_id")));
        }

        void fill(PreparedStatement statement) throws SQLException {
            statement.setString(1, portal.value());
            statement.setString(2, registration.value());
            statement.setString(3, principal.kind().name());
            statement.setString(4, principal.id());
        }
    }

    private List<String> next(Scope scope, String after, int atMost) {
        var principal = scope.principal();
        return switch (principal.kind()) {
            case GROUP ->
                users.members(
                        scope.portal(), GroupKind.GROUP, groups.within(scope.portal(), principal.id()), after, atMost);
            case ROLE -> users.members(scope.portal(), GroupKind.ROLE, List.of(principal.id()), after, atMost);
            case USER, DEFAULT -> everybody(scope, after, atMost);
        };
    }

    private List<String> everybody(Scope scope, String after, int atMost) {
        return query(
                """
                select id from (
                  (select portal_user id from portal_user where portal_id = ? and portal_user > ? order by 1 limit ?)
                  union
                  (select portal_user from effective_assignments
                   where portal_id = ? and registration = ? and portal_user > ? order by 1 limit ?)
                  union
                  (select principal_id from assignment
                   where portal_id = ? and registration = ? and principal_kind = 'USER' and principal_id > ?
                   order by 1 limit ?)) everybody
                order by 1 limit ?""",
                statement -> {
                    statement.setString(1, scope.portal().value());
                    statement.setString(2, after);
                    statement.setInt(3, atMost);
                    statement.setString(4, scope.portal().value());
                    statement.setString(5, scope.registration().value());
                    statement.setString(6, after);
                    statement.setInt(7, atMost);
                    statement.setString(8, scope.portal().value());
                    statement.setString(9, scope.registration().value());
                    statement.setString(10, after);
                    statement.setInt(11, atMost);
                    statement.setInt(12, atMost);
                },
                row -> row.getString(1));
    }

    private long count(Scope scope) {
        var principal = scope.principal();
        return switch (principal.kind()) {
            case GROUP ->
                users.countMembers(scope.portal(), GroupKind.GROUP, groups.within(scope.portal(), principal.id()));
            case ROLE -> users.countMembers(scope.portal(), GroupKind.ROLE, List.of(principal.id()));
            case USER, DEFAULT ->
                query(
                                """
                                select greatest(
                                  (select count(*) from portal_user where portal_id = ?),
                                  (select count(*) from effective_assignments where portal_id = ? and registration = ?))""",
                                statement -> {
                                    statement.setString(1, scope.portal().value());
                                    statement.setString(2, scope.portal().value());
                                    statement.setString(3, scope.registration().value());
                                },
                                row -> row.getLong(1))
                        .get(0);
        };
    }

    private <T> List<T> query(String sql, Filling filling, Reading<T> reading) {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            filling.fill(statement);
            var found = new ArrayList<T>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(reading.read(rows));
                }
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException("recalculations cannot be read", e);
        }
    }

    private void execute(String sql, Filling filling) {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            filling.fill(statement);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("recalculations cannot be written", e);
        }
    }

    private interface Filling {
        void fill(PreparedStatement statement) throws SQLException;
    }

    private interface Reading<T> {
        T read(ResultSet row) throws SQLException;
    }
}
