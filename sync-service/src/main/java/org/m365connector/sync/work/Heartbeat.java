package org.m365connector.sync.work;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * Keeps the leases of what this process works on.
 *
 * <ol>
 *   <li>A lease is as short as a takeover may last, and a call of Graph may take longer: it is renewed while its work goes on.
 *   <li>By the database's clock, with which it is compared.
 *   <li>A lease that another has taken is left alone; who has lost it finds out at its next change.
 *   <li>Work that never ends loses its lease after {@link #LONGEST}.
 * </ol>
 */
@ApplicationScoped
public class Heartbeat {
    private static final Logger LOG = Logger.getLogger(Heartbeat.class);
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final int BEATS_PER_LEASE = 3;

    private final DataSource database;
    private final ScheduledThreadPoolExecutor beats;

    Heartbeat(DataSource database) {
        this.database = database;
        beats = new ScheduledThreadPoolExecutor(2, task -> {
            Thread thread = new Thread(task, "lease-heartbeat");
            thread.setDaemon(true);
            return thread;
        });
        beats.setRemoveOnCancelPolicy(true);
    }

    /** @param owner who holds the lease while {@code work} goes on */
    public void during(Leased what, String owner, Duration lease, Runnable work) {
        long pause = Math.max(1, lease.toMillis() / BEATS_PER_LEASE);
        AtomicInteger left = new AtomicInteger((int) (LONGEST.toMillis() / pause));
        ScheduledFuture<?> beating = beats.scheduleWithFixedDelay(
                () -> {
                    if (left.getAndDecrement() > 0) {
                        beat(what, owner, lease);
                    }
                },
                pause,
                pause,
                TimeUnit.MILLISECONDS);
        try {
            work.run();
        } finally {
            beating.cancel(false);
        }
    }

    private void beat(Leased what, String owner, Duration lease) {
        String sql = "update " + what.name().toLowerCase(Locale.ROOT)
                + " set lease_expires_at = now() + ? * interval '1 millisecond' where lease_owner = ?";
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(sql)) {
            statement.setLong(1, lease.toMillis());
            statement.setString(2, owner);
            statement.executeUpdate();
        } catch (SQLException | RuntimeException e) {
            // The next beat may succeed; if none does, another takes over, which is safe.
            LOG.debugf(e, "lease not renewed table=%s", what);
        }
    }

    @PreDestroy
    void stop() {
        beats.shutdownNow();
    }
}
