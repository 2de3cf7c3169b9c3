package org.m365connector.sync.watch;

import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.events.PortalId;
import org.m365connector.sync.work.LeaseLostException;

/**
 * A mail folder, a channel …: what is ordered and has a delta, and how far its rounds have got.
 *
 * <p>Hints are counted, not kept: a round takes all that have come before it began, and one that comes while it runs makes
 * another necessary. A full scan (the first round, or one after Graph has lost the delta link) marks every resource that it
 * sees; those it has not seen when it ends are gone.
 *
 * <p>What was created or changed since {@link #since} is told, also by the first round; what is older is the initial state. So
 * nothing is lost between the watch's making and its first round, whatever comes first, the subscription or the round.
 */
@Entity
public class Container {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    String portal;
    String path;
    String kind;
    String carrier;
    Instant since;

    @Column(name = "delta_link")
    private String deltaLink;

    @Column(name = "page_link")
    private String pageLink;

    private int scan;

    /** Number of the round that is being made, or will be next: what is known says by which it was shown last. */
    private long rounds;

    private boolean scanning;
    private boolean baseline;

    @Embedded
    private Sync sync;

    private long hints;

    @Column(name = "served_hints")
    private long servedHints;

    @Column(name = "follow_ups")
    private int followUps;

    @Column(name = "last_hint_at")
    private Instant lastHintAt;

    @Column(name = "last_round_at")
    private Instant lastRoundAt;

    @Column(name = "due_at")
    private Instant dueAt;

    @Column(name = "not_before")
    private Instant notBefore;

    private int attempts;
    private String problem;

    @Embedded
    private Absence absence = new Absence();

    /** When the lease ends is the database's alone, by whose clock it is compared. */
    @Column(name = "lease_owner")
    private String leaseOwner;

    public long id() {
        return id;
    }

    public PortalId portal() {
        return new PortalId(portal);
    }

    /** Below Graph's version, {@code users/<id>/mailFolders/<id>}. */
    public String path() {
        return path;
    }

    public WatchKind kind() {
        return WatchKind.of(kind);
    }

    /** The watch on whose behalf Graph is asked. */
    public String carrier() {
        return carrier;
    }

    public Instant since() {
        return since;
    }

    public int scan() {
        return scan;
    }

    public long rounds() {
        return rounds;
    }

    public boolean scanning() {
        return scanning;
    }

    /** Whether the first round is not over yet. */
    public boolean baseline() {
        return baseline;
    }

    /** The present look at the whole, or the last one. */
    public Sync sync() {
        return sync;
    }

    public long hints() {
        return hints;
    }

    public boolean hasUnservedHints() {
        return hints > servedHints;
    }

    /** Where to go on; empty at the beginning of a full scan. */
    public Optional<String> link() {
        return Optional.ofNullable(pageLink != null ? pageLink : deltaLink);
    }

    public Optional<Instant> lastHintAt() {
        return Optional.ofNullable(lastHintAt);
    }

    public Optional<Instant> lastRoundAt() {
        return Optional.ofNullable(lastRoundAt);
    }

    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    public int attempts() {
        return attempts;
    }

    /** Whether it is found at Graph; to be changed while this is locked. */
    public Absence absence() {
        return absence;
    }

    /** @throws LeaseLostException where another worker has taken over */
    public void requireLease(String owner) {
        if (!owner.equals(leaseOwner)) {
            throw new LeaseLostException("container " + id);
        }
    }

    /** A page has been applied, and there are more. */
    public void pageDone(String nextLink) {
        pageLink = nextLink;
        attempts = 0;
        problem = null;
    }

    /**
     * The last page has been applied.
     *
     * @param served number of hints that had come when the round began
     * @param due when the next round is due without a hint
     */
    public void roundDone(String newDeltaLink, long served, Instant now, Instant due) {
        deltaLink = newDeltaLink;
        pageLink = null;
        rounds++;
        scanning = false;
        baseline = false;
        servedHints = Math.max(servedHints, served);
        lastRoundAt = now;
        dueAt = due;
        notBefore = null;
        attempts = 0;
        problem = null;
        release();
    }

    /** What has no delta is read as a whole again the next time. */
    public void listAgain() {
        deltaLink = null;
        scanning = true;
        scan++;
    }

    /** How many rounds in a row followed a hint and showed nothing. */
    public int followUps() {
        return followUps;
    }

    public void followUps(int number) {
        followUps = number;
    }

    /** Graph has lost the delta link: begin anew, and find deletions by comparison. */
    public void scanAgain(Instant now) {
        sync.begin(baseline, now);
        scanAnew(now);
    }

    /** The same for a window that moves on, which nobody need be told of. */
    public void moveWindow(Instant now) {
        scanAnew(now);
    }

    /** The same for a list that may have shifted while it was read. */
    public void listOnceMore(Instant now) {
        scanAnew(now);
    }

    private void scanAnew(Instant now) {
        deltaLink = null;
        pageLink = null;
        scanning = true;
        scan++;
        dueAt = notBefore != null && notBefore.isAfter(now) ? notBefore : now;
    }

    /** @param quiet whether nothing that happens meanwhile may bring the next round forward */
    public void roundFailed(String why, Instant again, boolean quiet) {
        attempts++;
        problem = why;
        dueAt = again;
        notBefore = quiet ? again : null;
        release();
    }

    /** No failure, but it counts as one, so that it does not go on for ever. */
    public void roundPutOff(Instant again) {
        attempts++;
        dueAt = again;
        notBefore = again;
        release();
    }

    /** No round before that, whatever comes; nothing has failed. */
    public void leftInPeace(Instant until) {
        dueAt = until;
        notBefore = until;
        release();
    }

    /** No round now, for a reason that has nothing to do with Graph. */
    public void postponed(String why, Instant again) {
        problem = why;
        dueAt = again;
        release();
    }

    /** Another watch asks Graph from now on, in the same way as the one before. */
    public void carriedBy(String watch) {
        carrier = watch;
    }

    /**
     * Another watch asks Graph from now on, in its own way. A round that is running belongs to the one before: without the
     * lease it can no longer end the new scan, which has seen nothing yet, and so declare everything deleted.
     */
    public void carriedAnewBy(String watch, Instant now, Instant due) {
        carrier = watch;
        if (!absence.isGone()) {
            sync.begin(baseline, now);
        }
        scanAnew(due);
        release();
    }

    /** Graph does not have it any more. When it is there again everything is compared. */
    public void isGone(Instant now) {
        absence.gone(now);
        scanAnew(now);
    }

    /** What was gone shows what is in it. */
    public void isBack(Instant now) {
        absence.back();
        sync.begin(baseline, now);
    }

    /** A full scan at once, whatever is known; also where a round is running. */
    void startOver(Instant now) {
        carriedAnewBy(carrier, now, now);
    }

    /** Whether a worker is at it, or was when it died. */
    public boolean isBeingRead() {
        return leaseOwner != null;
    }

    private void release() {
        leaseOwner = null;
    }

    static Container found(PortalId portal, String path, WatchKind kind, String carrier, Instant since, Instant now) {
        Container container = new Container();
        container.portal = portal.value();
        container.path = path;
        container.kind = kind.word();
        container.carrier = carrier;
        container.since = since;
        container.scan = 1;
        container.rounds = 1;
        container.scanning = true;
        container.baseline = true;
        container.sync = Sync.first(now);
        container.dueAt = now;
        return container;
    }
}
