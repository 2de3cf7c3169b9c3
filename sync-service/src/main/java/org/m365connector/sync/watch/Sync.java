package org.m365connector.sync.watch;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * How far a container has been read as a whole: in its first round, or in one that must compare everything. It outlives its end, for
 * those who ask later. What has to begin anew is another sync, with a later beginning and counts of its own.
 *
 * <p>A window that moves on, and a list that is read as a whole each time, are no sync: that is how such containers are read.
 */
@Embeddable
public class Sync {
    @Column(name = "sync_first")
    private boolean first;

    @Column(name = "sync_begun_at")
    private Instant begunAt;

    @Column(name = "sync_ended_at")
    private Instant endedAt;

    @Column(name = "sync_told_at")
    private Instant toldAt;

    @Column(name = "sync_pages")
    private int pages;

    @Column(name = "sync_items")
    private long items;

    static Sync first(Instant now) {
        Sync sync = new Sync();
        sync.begin(true, now);
        return sync;
    }

    /** @param stillFirst whether nothing of the container is known yet */
    void begin(boolean stillFirst, Instant now) {
        first = stillFirst;
        // Also where one replica's clock is behind another's.
        begunAt = begunAt == null || now.isAfter(begunAt) ? now : begunAt.plus(1, ChronoUnit.MICROS);
        endedAt = null;
        pages = 0;
        items = 0;
    }

    /** Whether it is the first; otherwise everything is compared with what is known. */
    public boolean first() {
        return first;
    }

    public boolean isRunning() {
        return endedAt == null;
    }

    public Instant begunAt() {
        return begunAt;
    }

    public Optional<Instant> endedAt() {
        return Optional.ofNullable(endedAt);
    }

    public int pages() {
        return pages;
    }

    /** Things that were looked at, be there something to tell of them or not. */
    public long items() {
        return items;
    }

    /** One more page. */
    public void page(int itemsOnIt) {
        pages++;
        items += itemsOnIt;
    }

    /** Things that were asked for singly, since no page has shown them. */
    public void askedFor(int things) {
        items += things;
    }

    public void end(Instant now) {
        endedAt = now;
    }

    /** Whether nothing was told for so long. */
    public boolean isToBeTold(Duration every, Instant now) {
        return toldAt == null || !now.isBefore(toldAt.plus(every));
    }

    public void told(Instant now) {
        toldAt = now;
    }
}
