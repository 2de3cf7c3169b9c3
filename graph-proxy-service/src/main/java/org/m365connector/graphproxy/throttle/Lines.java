package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.events.ScopeHeld;
import org.m365connector.events.TurnTaken;

/** The lines before all scopes that go by turns. Guarded by the lock of {@link Turns}. */
final class Lines {

    private final Peers peers;
    private final Map<String, Line> lines = new HashMap<>();
    private TurnScopes scopes;

    Lines(Peers peers) {
        this.peers = peers;
    }

    void tell(TurnScopes told) {
        scopes = told;
    }

    /** When such a call could begin if nobody else came first; 0 if at once. */
    long millisToWait(String app, List<Need> needs, long now) {
        long start = now;
        for (Need need : needs) {
            Line line = need.limit().atOnce() ? null : lines.get(key(app, need.scope()));
            if (line != null) {
                start = Math.max(start, line.earliest(part(need)));
            }
        }
        return start - now;
    }

    /** When it begins, seen from all of its lines. */
    long stand(TurnTaken taken, long at) {
        long start = at;
        for (TurnTaken.Part part : taken.parts()) {
            if (part.windowMillis() > 0) {
                Line line = line(taken.app(), part);
                boolean opens = sharedOtherwise(part) && line.lastStart() + Line.spaced(part) <= at;
                // Before it nobody stood in line, and calls went that did not.
                start = Math.max(start, opens ? at + Line.spaced(part) : line.earliest(part));
            }
        }
        return start;
    }

    /**
     * It stands in line now.
     *
     * @param after what is to be told of it, outside of the lock
     * @return its place where it is one of calls at once
     */
    Optional<Place> place(TurnTaken taken, long at, long start, List<Runnable> after) {
        String name = Turns.name(taken.replica(), taken.number());
        List<TurnTaken.Part> atOnce = new ArrayList<>();
        for (TurnTaken.Part part : taken.parts()) {
            Line line = line(taken.app(), part);
            if (part.windowMillis() > 0) {
                line.start(part, start);
                if (sharedOtherwise(part)) {
                    long until = line.lastStart() + Line.spaced(part);
                    after.add(() -> scopes.goByTurns(taken.app(), part.scope(), limit(part), name, until));
                }
            } else {
                line.hold(name, part.permits(), peers.names());
                atOnce.add(part);
                String opener = line.opener();
                after.add(() -> scopes.goByTurns(taken.app(), part.scope(), limit(part), opener, Long.MAX_VALUE));
            }
        }
        return atOnce.isEmpty() ? Optional.empty() : Optional.of(new Place(taken.replica(), taken.app(), at, atOnce));
    }

    /** Whether each replica has a share of it as a rule, and what is used of it is not told otherwise. */
    private boolean sharedOtherwise(TurnTaken.Part part) {
        return peers.sharesOut(part.limit()) && part.windowMillis() < Used.TOLD_FROM_MILLIS;
    }

    boolean nobodyCameBehind(OwnTurn own) {
        for (TurnTaken.Part part : own.partsInATime()) {
            if (line(own.app, part).lastStart() > own.standsAt()) {
                return false;
            }
        }
        return true;
    }

    /** Its call is over. */
    void end(String name, Place place, List<Runnable> after) {
        for (TurnTaken.Part part : place.parts()) {
            Line line = lines.get(key(place.app(), part.scope()));
            if (line != null && line.end(name)) {
                if (peers.sharesOut(part.limit())) {
                    line.shared();
                }
                after.add(() -> scopes.areShared(place.app(), part.scope()));
            }
        }
    }

    /** So many calls of a replica run in a scope without a turn. */
    void runs(ScopeHeld event) {
        String key = key(event.app(), event.scope());
        if (event.calls() > 0 || lines.containsKey(key)) {
            lines.computeIfAbsent(key, absent -> new Line()).runs(event.replica(), event.calls(), event.opener());
        }
    }

    void gone(String replica) {
        lines.values().forEach(line -> line.gone(replica));
    }

    void keepOnly(Set<String> replicas) {
        lines.values().forEach(line -> line.keepOnly(replicas));
    }

    void forgetIdle(long before) {
        lines.values().removeIf(line -> line.idle(before));
    }

    /** @param name of the turn */
    boolean first(OwnTurn own, String name) {
        for (TurnTaken.Part part : own.parts()) {
            if (part.windowMillis() == 0) {
                Line line = line(own.app, part);
                // Where each had a share he answers; where nobody had, he has told what is left of one.
                boolean known = peers.sharesOut(part.limit()) ? !line.awaitsAnswers() : peers.agreed();
                int limit = Math.max(1, part.limit() - peers.reserved(part.limit()));
                if (!known || !line.first(name, part.permits(), limit)) {
                    return false;
                }
            }
        }
        return true;
    }

    private Line line(String app, TurnTaken.Part part) {
        return lines.computeIfAbsent(key(app, part.scope()), key -> new Line());
    }

    private static Limit limit(TurnTaken.Part part) {
        return new Limit(part.limit(), Duration.ofMillis(part.windowMillis()));
    }

    private static String key(String app, String scope) {
        return app + "|" + scope;
    }

    static TurnTaken.Part part(Need need) {
        return new TurnTaken.Part(
                need.scope(), need.limit().count(), need.limit().window().toMillis(), need.permits());
    }
}
