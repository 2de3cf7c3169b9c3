package org.m365connector.graphproxy.throttle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.m365connector.events.Event;
import org.m365connector.events.EventCodec;
import org.m365connector.events.ReplicaAlive;
import org.m365connector.events.ScopeHeld;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.ScopeUsed;
import org.m365connector.events.TurnEnded;
import org.m365connector.events.TurnTaken;

/** What the replicas say, on its way to whom it concerns. Everything comes from the one thread that reads the topic. */
final class ReplicaNews {

    private static final Logger LOG = Logger.getLogger(ReplicaNews.class);

    private final String self;
    private final Fleet fleet;
    private final Hearing hearing;
    private final Apps apps;
    private final Turns turns;
    private final Time time;
    private final Census census;
    private int changesSeen;
    private int comingsSeen;
    private int aliveSeen;
    private volatile Optional<String> place = Optional.empty();

    ReplicaNews(String self, Fleet fleet, Hearing hearing, Apps apps, Turns turns, Time time) {
        this.self = self;
        this.fleet = fleet;
        this.hearing = hearing;
        this.apps = apps;
        this.turns = turns;
        this.time = time;
        census = new Census(self);
    }

    /** Where this replica listens, as it does from now on. */
    void listensAt(Optional<String> there) {
        place = there;
    }

    /**
     * What is to be said every second. While we do not know what the others say, we count nobody.
     *
     * <p>Whom we count may go as soon as he reads it. So what he has to know before, what runs of ours without a turn, stands on the
     * topic before it, also where it was lost when it was told first.
     */
    ReplicaAlive ofOurselves() {
        turns.sweep();
        apps.look();
        boolean knowsOthers = hearing.knowsOthers();
        List<String> hears = knowsOthers ? List.copyOf(fleet.names()) : List.of();
        return new ReplicaAlive(self, false, Optional.of(hears), fleet.says(knowsOthers, time.millis()), place);
    }

    /** The last word; none where calls of ours may go on running: then it is as if we had been cut off. */
    Optional<ReplicaAlive> farewell() {
        return apps.running() > 0
                ? Optional.empty()
                : Optional.of(new ReplicaAlive(self, true, Optional.of(List.of()), Optional.empty(), place));
    }

    /** @param age in milliseconds */
    void hear(Event<JsonNode> event, long age) throws JsonProcessingException {
        long now = time.millis();
        long at = now - age;
        switch (event.type()) {
            case ReplicaAlive.TYPE -> heard(as(ReplicaAlive.class, event), at, now);
            case ScopeThrottled.TYPE -> apps.heard(as(ScopeThrottled.class, event), age);
            case ScopeUsed.TYPE -> apps.heard(as(ScopeUsed.class, event), at);
            case ScopeHeld.TYPE -> {
                ScopeHeld held = as(ScopeHeld.class, event);
                turns.heard(held);
                apps.heard(held);
            }
            case TurnTaken.TYPE -> {
                TurnTaken turn = as(TurnTaken.class, event);
                turns.heard(turn, at);
                apps.heard(turn, at);
            }
            case TurnEnded.TYPE -> turns.heard(as(TurnEnded.class, event));
            default -> LOG.debugf("unknown news type=%s", event.type());
        }
    }

    private static <T> T as(Class<T> type, Event<JsonNode> event) throws JsonProcessingException {
        return EventCodec.json().treeToValue(event.data(), type);
    }

    /**
     * Our own word has come back.
     *
     * @param saidAt when we said it
     * @param at when Kafka wrote it, in our time
     */
    void heardSelf(long saidAt, long at) {
        long now = time.millis();
        alive(fleet.heardSelf(saidAt, at, now));
        hearing.heardSelf(saidAt);
        turns.answers();
    }

    private void heard(ReplicaAlive event, long at, long now) {
        census.heard(event).forEach(turns::gone);
        if (event.replica().equals(self)) {
            alive(fleet.listens(event.listensAt(), at, now));
            return;
        }
        if (event.leaving()) {
            fleet.left(event.replica());
            apps.gone(event.replica());
        } else {
            alive(fleet.heard(event, at, now));
        }
        changed();
    }

    private void alive(Set<String> gone) {
        // What is read back makes everybody silent who speaks again a moment later.
        if (hearing.isCaughtUp()) {
            census.miss(gone);
            gone.forEach(apps::gone);
            boolean back = fleet.comings() != comingsSeen;
            comingsSeen = fleet.comings();
            if (back) {
                apps.turnsAreForgotten();
            }
            changed();
            if (back) {
                turns.haveBeenAway();
            }
        }
    }

    private void changed() {
        int changes = fleet.changes();
        if (changes != changesSeen) {
            changesSeen = changes;
            if (fleet.alive() != aliveSeen) {
                aliveSeen = fleet.alive();
                LOG.infof("replicas that share graph's limits count=%d", aliveSeen);
            }
            apps.sharesHaveChanged();
        }
        turns.look();
    }

    /** Everything has been read that was said before we came. */
    void caughtUp() {
        if (!hearing.isCaughtUp()) {
            Set<String> there = fleet.names();
            // Who is counted by somebody stands in line until that one says otherwise, or we do.
            Set<String> counted = census.countedBy(there);
            census.miss(counted);
            turns.keepOnly(counted);
            apps.keepOnly(there);
            fleet.hasReadEverything();
            hearing.caughtUp(fleet.alone());
            changesSeen = fleet.changes() - 1;
            comingsSeen = fleet.comings();
            changed();
        }
    }
}
