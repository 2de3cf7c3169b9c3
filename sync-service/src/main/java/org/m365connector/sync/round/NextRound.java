package org.m365connector.sync.round;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;
import org.m365connector.sync.round.Rounds.Begun;
import org.m365connector.sync.subscription.Trust;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.WatchKind;
import org.m365connector.sync.work.Backoff;

/** What a round that ends says of the subscription, and when the next one comes. */
@ApplicationScoped
class NextRound {
    private static final Logger LOG = Logger.getLogger(NextRound.class);

    private final Trust trust;
    private final MeterRegistry meters;
    private final RoundConfig config;

    NextRound(Trust trust, MeterRegistry meters, RoundConfig config) {
        this.trust = trust;
        this.meters = meters;
        this.config = config;
    }

    /**
     * What only the timer has found, although Graph has a subscription, it should have told; a few may still be on their way. Not what a
     * full scan shows, be it one that has become necessary only when the round had begun.
     */
    void judge(Begun round, Container container, int told) {
        Container before = round.container();
        if (round.hinted() && toldByGraph(before)) {
            trust.heard(container, told > 0);
        }
        boolean byTimer = !round.hinted() && before.followUps() == 0 && !container.scanning();
        if (told > 0 && container.kind().isToldPromptly() && byTimer && trust.missed(container)) {
            meters.counter("m365.sync.misses", "kind", before.kind().word()).increment(told);
            LOG.infof("changes were found that Graph had not told container=%s count=%d", before.path(), told);
        }
    }

    /** A round may be due by a suspicion of ours as well, and that is no notification. */
    private static boolean toldByGraph(Container before) {
        return before.lastHintAt()
                .filter(hint -> before.lastRoundAt().map(hint::isAfter).orElse(true))
                .isPresent();
    }

    /** When it is due without a further hint; whether it is a follow-up is noted in the container. */
    Instant after(Begun round, Container container, int told, Instant now) {
        if (container.hints() > round.hints()) {
            return now;
        }
        int number = followUp(round.hinted(), container.followUps(), told, config.followUps());
        container.followUps(number);
        return number == 0
                ? now.plus(interval(container))
                : now.plus(new Backoff(config.followUp(), config.longestBackoff()).after(number));
    }

    /**
     * Which look after a notification comes next. It may have been faster than the delta, and what a round has told may be of
     * another notification: so there is one more look at least, and further ones while nothing shows.
     *
     * @param before how many there were already
     * @param most how many there may be
     * @return 0 for none
     */
    static int followUp(boolean hinted, int before, int told, int most) {
        boolean first = hinted && before == 0;
        boolean further = before > 0 && told == 0;
        return (first || further) && before < most ? before + 1 : 0;
    }

    private Duration interval(Container container) {
        Duration atMost = interval(container.kind());
        return trust.polled(container)
                .filter(every -> every.compareTo(atMost) < 0)
                .orElse(atMost);
    }

    private Duration interval(WatchKind kind) {
        return kind.teams() ? config.teamsInterval() : config.mailInterval();
    }
}
