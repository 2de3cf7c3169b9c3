package org.m365connector.sync.watch;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Whether a container itself is found at Graph.
 *
 * <pre>
 *   there ── asked for by its id: 404 ──▶ missing ── so often, at some distance ──▶ gone
 *     ▲                                      │                                        │
 *     └──── any other answer about it ───────┴──────── what is in it is shown ────────┘
 * </pre>
 */
@Embeddable
public class Absence {
    /** A count that nobody went on with for so long says nothing of today. */
    private static final Duration WORTH_SOMETHING = Duration.ofHours(1);

    @Column(name = "missing_since")
    private Instant missingSince;

    @Column(name = "missing_at")
    private Instant lookedAt;

    @Column(name = "missing_looks")
    private int looks;

    /** Watches on whose behalf it was asked for in vain, since then. */
    @Column(name = "missing_for")
    private String lookedFor = "";

    @Column(name = "gone_since")
    private Instant goneSince;

    /** Neither missing nor gone. */
    public boolean isNone() {
        return missingSince == null && goneSince == null;
    }

    public boolean isGone() {
        return goneSince != null;
    }

    /**
     * It was asked for, and is not there. One of several looks that are close together counts.
     *
     * @param watch on whose behalf
     * @param apart so far from each other they must be
     * @param lastRound when it was read to its end last, by whomever: a replica of before knows nothing of the count
     * @return how many of them there were
     */
    public int notFound(String watch, Instant now, Duration apart, Optional<Instant> lastRound) {
        if (missingSince != null && isOutdated(now, lastRound)) {
            doubted();
        }
        if (!lookedFor(watch)) {
            lookedFor = (lookedFor + " " + watch).strip();
        }
        lookedAt = now;
        if (missingSince == null) {
            missingSince = now;
            looks = 1;
        } else if (!now.isBefore(missingSince.plus(apart.multipliedBy(looks)))) {
            looks++;
        }
        return looks;
    }

    private boolean isOutdated(Instant now, Optional<Instant> lastRound) {
        return lookedAt == null
                || now.isAfter(lookedAt.plus(WORTH_SOMETHING))
                || lastRound.filter(missingSince::isBefore).isPresent();
    }

    /** Whether it was asked for on behalf of this watch, and has not been found by anybody since. */
    public boolean lookedFor(String watch) {
        return List.of(lookedFor.split(" ", -1)).contains(watch);
    }

    /** Graph says of it something else than that it is not there. What is gone is back only when it shows what is in it. */
    public void doubted() {
        missingSince = null;
        lookedAt = null;
        looks = 0;
        lookedFor = "";
    }

    public void gone(Instant now) {
        goneSince = now;
    }

    public void back() {
        doubted();
        goneSince = null;
    }
}
