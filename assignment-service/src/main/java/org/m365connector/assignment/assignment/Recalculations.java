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
import org.m365connector.assignment.assignment.AffectedUsers.Scope;
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
 *   <li>A step shares the registration's lock, as those do who change a single user or his rule: they go on meanwhile. Whoever
 *       changes a shared rule waits for one step.
 *   <li>The same wish again goes on from where it is, and round once: see {@link Lap}.
 *   <li>Portals take turns, and within a portal its wishes. One that finds locked what it needs, or fails, is put off and lets the
 *       others pass.
 * </ol>
 */
@ApplicationScoped
class Recalculations {
    /** So many are done at once: they take about as long as the change itself. */
    static final int AT_ONCE = 100;

    /** Whoever changes a rule waits until they are done, each time: a busy machine needs about a millisecond for one. */
    private static final int IN_A_STEP = 100;

    /** A change for one user waits behind so many events, and those of a step: what the relay takes at once. */
    private static final int MOST_WAITING_EVENTS = 250;

    /** Replicas beyond these find nothing to do, and try again. */
    private static final int CANDIDATES = 8;

    private final DataSource database;
    private final EffectiveAssignments effective;
    private final Registrations registrations;
    private final AffectedUsers affected;
    private final PortalLock locks;
    private final Clock clock;

    Recalculations(
            DataSource database,
            EffectiveAssignments effective,
            Registrations registrations,
            AffectedUsers affected,
            PortalLock locks,
            Clock clock) {
        this.database = database;
        this.effective = effective;
        this.registrations = registrations;
        this.affected = affected;
        this.locks = locks;
        this.clock = clock;
    }

    /**
     * For all whom that principal's rule may matter to. The caller holds the registration's lock alone, so no step is under way and
     * where the wish is stands still.
     *
     * @return whether there are more than could be done at once
     */
    boolean begin(Registration registration, Principal principal) {
        var scope = new Scope(registration.portal(), registration.name(), principal);
        var first = affected.next(scope, "", Optional.empty(), AT_ONCE + 1);
        if (first.size() <= AT_ONCE) {
            effective.workOut(registration, first);
            return false;
        }
        execute("""
                insert into recalculation (portal_id, registration, principal_kind, principal_id, requested_at)
                values (?, ?, ?, ?, ?)
                on conflict (portal_id, registration, principal_kind, principal_id) do update set
                  round = recalculation.round + 1, users_done = 0, users_total = null,
                  done_until = case when recalculation.finished_at is null then recalculation.done_until else '' end,
                  stretch_until = null,
                  then_until = case when recalculation.finished_at is null then nullif(recalculation.done_until, '') end,
                  requested_at = excluded.requested_at, finished_at = null""", statement -> {
            statement.setString(1, scope.portal().value());
            statement.setString(2, scope.registration().value());
            statement.setString(3, principal.kind().name());
            statement.setString(4, principal.id());
            statement.setTimestamp(5, Timestamp.from(clock.instant()));
        });
        return true;
    }

    /** Whether nobody would have to wait longer for his own change if more were said now. By the index, past what has been relayed. */
    @Transactional
    boolean haveRoom() {
        return query(
                                "select count(*) from (select 1 from outbox where attempts = 0 order by id limit ?) waiting",
                                statement -> statement.setInt(1, MOST_WAITING_EVENTS),
                                row -> row.getLong(1))
                        .get(0)
                < MOST_WAITING_EVENTS;
    }

    /** How many are not finished. */
    @Transactional
    long open() {
        return query(
                        "select count(*) from recalculation where finished_at is null",
                        statement -> {},
                        row -> row.getLong(1))
                .get(0);
    }

    /** What there is to do, whoever's turn it is first: of each portal one, then the second ones. Another replica may be at it. */
    @Transactional
    List<Wish> wishes() {
        return query("""
                select id, portal_id, registration, principal_kind, principal_id from (
                  select *, row_number() over (partition by portal_id order by stepped_at nulls first, id) turn
                  from recalculation where finished_at is null and next_attempt_at <= statement_timestamp()) due
                order by turn, (select max(served.stepped_at) from recalculation served
                  where served.portal_id = due.portal_id) nulls first, id
                limit ?""", statement -> statement.setInt(1, CANDIDATES), row -> new Wish(row.getLong("id"), scope(row)));
    }

    /**
     * @return false where another replica is at it, or it is finished
     * @throws RuntimeException also where somebody holds for long what it needs; see {@link #putOff}
     */
    @Transactional
    boolean step(Wish wish) {
        // The one thread that does the work of all portals is not kept by a lock of one of them.
        execute("set local lock_timeout = '500ms'", statement -> {});
        var scope = wish.scope();
        locks.share(scope.portal());
        var registration = registrations.share(scope.portal(), scope.registration());
        var found = query(
                """
                select done_until, stretch_until, then_until, users_total from recalculation
                where id = ? and finished_at is null for update skip locked""",
                statement -> statement.setLong(1, wish.id()),
                row -> new Progress(
                        new Lap(
                                row.getString("done_until"),
                                Optional.ofNullable(row.getString("stretch_until")),
                                Optional.ofNullable(row.getString("then_until"))),
                        row.getObject("users_total", Long.class)));
        if (found.isEmpty() || registration.isEmpty()) {
            return false;
        }
        var progress = found.get(0);
        var total = progress.total() == null ? affected.count(scope) : progress.total();
        var lap = progress.lap();
        var some = affected.next(scope, lap.doneUntil(), lap.until(), IN_A_STEP);
        effective.workOut(registration.get(), some);
        var then = lap.after(some, IN_A_STEP);
        execute("""
                update recalculation set done_until = ?, stretch_until = ?, then_until = ?, users_done = users_done + ?,
                  users_total = ?, finished_at = ?, stepped_at = statement_timestamp(), failures = 0
                where id = ?""", statement -> {
            statement.setString(1, then.map(Lap::doneUntil).orElse(""));
            statement.setString(2, then.flatMap(Lap::until).orElse(null));
            statement.setString(3, then.flatMap(Lap::thenUntil).orElse(null));
            statement.setInt(4, some.size());
            statement.setLong(5, total);
            statement.setTimestamp(6, then.isEmpty() ? Timestamp.from(clock.instant()) : null);
            statement.setLong(7, wish.id());
        });
        return true;
    }

    /** It could not go on; the others do. It waits longer each time, up to ten seconds. */
    @Transactional
    void putOff(Wish wish) {
        execute("""
                update recalculation set failures = failures + 1, stepped_at = statement_timestamp(), next_attempt_at =
                  statement_timestamp() + least(interval '10 s', interval '250 ms' * power(2, least(failures, 10)))
                where id = (select id from recalculation where id = ? for update skip locked)""", statement -> statement.setLong(1, wish.id()));
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
                        scope(row).principal(),
                        row.getLong("users_done"),
                        Optional.ofNullable(row.getObject("users_total", Long.class)),
                        row.getTimestamp("finished_at") != null,
                        row.getTimestamp("requested_at").toInstant(),
                        Optional.ofNullable(row.getTimestamp("finished_at")).map(Timestamp::toInstant)));
    }

    /** Something that is to be done, by whoever comes first. */
    record Wish(long id, Scope scope) {}

    private record Progress(Lap lap, Long total) {}

    private static Scope scope(ResultSet row) throws SQLException {
        return new Scope(
                new PortalId(row.getString("portal_id")),
                new RegistrationName(row.getString("registration")),
                new Principal(Principal.Kind.valueOf(row.getString("principal_kind")), row.getString("principal_id")));
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
            statement.execute();
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
