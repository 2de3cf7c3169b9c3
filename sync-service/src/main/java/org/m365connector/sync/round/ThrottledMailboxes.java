package org.m365connector.sync.round;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.m365connector.events.PortalId;

/**
 * Mailboxes that Graph wants to be left in peace. Its limits are those of a whole mailbox, so what one of its containers was told
 * holds for the others: their rounds would be refused too, or wait at graph-proxy-service and keep from their work the few who make
 * rounds for everybody.
 *
 * <ol>
 *   <li>Before its time is over no round of the mailbox is made.
 *   <li>Then one at a time, until one is not refused; and of all such mailboxes together no more than half of the workers.
 *   <li>Whoever has to wait comes before the one who was refused, so that each container has its turn.
 * </ol>
 */
@ApplicationScoped
class ThrottledMailboxes {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);

    private final Clock clock;
    private final int most;
    private final Map<String, State> refused = new HashMap<>();
    private int looking;

    @Inject
    ThrottledMailboxes(RoundConfig config, Clock clock) {
        this(config.workers(), clock);
    }

    ThrottledMailboxes(int workers, Clock clock) {
        this.clock = clock;
        this.most = Math.max(1, workers / 2);
    }

    private static final class State {
        private Instant until;
        private boolean lookedAt;
    }

    /**
     * Whether a round may be made.
     *
     * @param insteadAt when to try again; empty where it may
     * @param throttled the mailbox that it is to find out about; empty where nothing is known of it
     */
    record Pass(Optional<Instant> insteadAt, Optional<String> throttled) {}

    /** What lets the round go is to be given back. */
    synchronized Pass enter(PortalId portal, String path) {
        Optional<String> mailbox = mailbox(portal, path).filter(refused::containsKey);
        if (mailbox.isEmpty()) {
            return new Pass(Optional.empty(), mailbox);
        }
        State state = refused.get(mailbox.get());
        Instant now = clock.instant();
        if (now.isBefore(state.until)) {
            return later(state.until);
        }
        if (state.lookedAt || looking >= most) {
            return later(now.plus(LOOK_AGAIN));
        }
        state.lookedAt = true;
        looking++;
        return new Pass(Optional.empty(), mailbox);
    }

    private static Pass later(Instant time) {
        long apart = ThreadLocalRandom.current().nextLong(LOOK_AGAIN.toMillis() / 4);
        return new Pass(Optional.of(time.plusMillis(apart)), Optional.empty());
    }

    /** Graph wants to be left in peace until then. */
    synchronized void refused(PortalId portal, String path, Instant until) {
        Instant old = clock.instant().minus(FORGOTTEN_AFTER);
        refused.values().removeIf(state -> !state.lookedAt && state.until.isBefore(old));
        mailbox(portal, path).ifPresent(mailbox -> {
            State state = refused.computeIfAbsent(mailbox, any -> new State());
            state.until = state.until == null || until.isAfter(state.until) ? until : state.until;
        });
    }

    /** The round is over, and if it was refused, {@link #refused} has been told. */
    synchronized void leave(Pass pass, boolean done) {
        pass.throttled().ifPresent(mailbox -> {
            looking--;
            refused.get(mailbox).lookedAt = false;
            if (done) {
                refused.remove(mailbox);
            }
        });
    }

    /** {@code users/<id>}, of that portal, since another one may come with another app. */
    private static Optional<String> mailbox(PortalId portal, String path) {
        int end = path.startsWith("users/") ? path.indexOf('/', "users/".length()) : -1;
        return end < 0 ? Optional.empty() : Optional.of(portal + " " + path.substring(0, end));
    }
}
