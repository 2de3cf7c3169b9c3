package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.m365connector.events.ScopeThrottled;

/**
 * Lets calls to Graph go, or wait, or be refused.
 *
 * <pre>
 *   ask -> the limits of this replica ------------------------------------------> Permit --begin--> --release-->
 *            `--some are smaller than the number of replicas--> turn over Kafka ----^
 * </pre>
 *
 * Who needs a turn waits here first, in lanes like everybody; only as many as the limit lets go at once ask at a time. So what is
 * written to the topic is bounded, and an interactive call that comes later is asked for earlier. Answers may come on any thread.
 */
public final class Governor {

    /**
     * @param interactive how long a call may wait, and so on for each lane
     */
    record Patience(Duration interactive, Duration sync) {
        long millis(Lane lane) {
            return switch (lane) {
                case INTERACTIVE -> interactive.toMillis();
                case SYNC -> sync.toMillis();
            };
        }
    }

    private static final long LATER_MILLIS = 250;

    /** As long as callers are told at least. A 429 that says 0 would otherwise close nothing, and Graph counts what it refuses. */
    private static final long SHORTEST_CLOSURE_MILLIS = 1_000;

    private final String self;
    private final Fleet fleet;
    private final Standing standing;
    private final Turns turns;
    private final Patience patience;
    private final Crowd crowd;
    private final Time time;
    private final Consumer<Object> publisher;
    private final Apps apps;

    /**
     * @param publisher writes a {@link ScopeThrottled} and the like to the topic, or loses it
     */
    Governor(
            String self,
            Fleet fleet,
            Standing standing,
            Turns turns,
            Patience patience,
            Crowd crowd,
            Time time,
            Consumer<Object> publisher) {
        this.self = self;
        this.fleet = fleet;
        this.standing = standing;
        this.turns = turns;
        this.patience = patience;
        this.crowd = crowd;
        this.time = time;
        this.publisher = publisher;
        apps = new Apps(self, new ReplicaShares(fleet, standing), crowd, time, publisher);
        turns.tell(apps);
    }

    /** Fails with {@link ThrottledException} where it would take too long. */
    public Future<Permit> ask(Demand demand, Lane lane) {
        return ask(demand, lane, time.millis() + patience.millis(lane), Set.of());
    }

    /** @param found scopes that are shared as a rule, and for which the others have to be asked now */
    private Future<Permit> ask(Demand demand, Lane lane, long deadline, Set<String> found) {
        List<Need> scarce = scarce(demand, found);
        if (scarce.isEmpty()) {
            return take(demand, demand.needs(), lane, deadline)
                    .compose(
                            taken -> permit(demand, lane, taken),
                            why -> againByTurn(demand, lane, deadline, found, why));
        }
        if (standing.heard() && turns.answered()) {
            return askInTurn(demand, scarce, lane, deadline, found);
        }
        return standing.missed()
                ? askAlone(demand, scarce, lane, deadline, found)
                : askLater(demand, scarce, lane, deadline, found);
    }

    private Future<Permit> permit(Demand demand, Lane lane, Taken taken) {
        return Future.succeededFuture(new Permit(this, demand, lane, taken));
    }

    /** Found out when it was about to go, or while it waited. */
    private Future<Permit> againByTurn(Demand demand, Lane lane, long deadline, Set<String> found, Throwable why) {
        if (why instanceof TurnNeeded needed) {
            Set<String> more = new HashSet<>(found);
            more.add(needed.scope());
            return ask(demand, lane, deadline, more);
        }
        return Future.failedFuture(why);
    }

    private Future<Taken> take(Demand demand, List<Need> needs, Lane lane, long deadline) {
        return apps.app(demand.app()).take(needs, lane, deadline);
    }

    private List<Need> scarce(Demand demand, Set<String> found) {
        List<Need> scarce = List.of();
        if (!fleet.alone() || !found.isEmpty()) {
            for (Need need : demand.needs()) {
                if (need.by() == Need.By.SHARE && (isScarce(need) || found.contains(need.scope()))) {
                    scarce = scarce.isEmpty() ? new ArrayList<>() : scarce;
                    scarce.add(need);
                }
            }
        }
        return scarce;
    }

    /** Who has a share, but none while Kafka is away, need not wait to be told so. */
    private boolean isScarce(Need need) {
        int limit = need.limit().count();
        return !fleet.sharesOut(limit) || (standing.missed() && fleet.smallShare(need.scope(), limit) == 0);
    }

    /** First what is ours alone, and our turn to ask; then the other replicas. */
    private Future<Permit> askInTurn(Demand demand, List<Need> scarce, Lane lane, long deadline, Set<String> found) {
        if (!crowd.admits(0)) {
            return refuse(scarce, AppLimits.SOON);
        }
        List<Need> needs = others(demand, scarce);
        scarce.forEach(need -> needs.add(need.by(Need.By.TURN)));
        return take(demand, needs, lane, deadline)
                .compose(
                        taken -> inTurn(demand, scarce, lane, deadline, found, taken),
                        why -> againByTurn(demand, lane, deadline, found, why));
    }

    private Future<Permit> inTurn(
            Demand demand, List<Need> scarce, Lane lane, long deadline, Set<String> found, Taken taken) {
        if (!turns.answered()) {
            // Found out while this one waited.
            return andLeave(taken, ask(demand, lane, deadline, found));
        }
        long booked = turns.millisToWait(demand.app(), scarce, time.millis());
        if (time.millis() + booked > deadline) {
            return andLeave(taken, refuse(scarce, booked));
        }
        return await(
                new Asking(this, demand, lane, taken),
                scarce,
                deadline,
                turns.take(demand.app(), scarce),
                () -> andLeave(taken, ask(demand, lane, deadline, found)));
    }

    /** Kafka does not answer, and it is not clear yet whether others still leave us our share. It is in a moment. */
    private Future<Permit> askLater(Demand demand, List<Need> scarce, Lane lane, long deadline, Set<String> found) {
        if (!crowd.admits(0) || time.millis() + LATER_MILLIS > deadline) {
            return refuse(scarce, AppLimits.SOON);
        }
        Promise<Permit> permit = Promise.promise();
        crowd.joined();
        time.after(LATER_MILLIS, () -> {
            crowd.left();
            ask(demand, lane, deadline, found).onComplete(permit);
        });
        return permit.future();
    }

    /** For a call that was too late for its turn. It keeps what it has. */
    Future<Permit> another(Demand demand, Lane lane, Taken taken, Turn late) {
        long deadline = time.millis() + patience.millis(lane);
        List<Need> byTurn = taken.needs.stream().filter(Need::turn).toList();
        Future<Permit> another =
                await(new Asking(this, demand, lane, taken), byTurn, deadline, turns.takeAnother(late), () -> {
                    late.end();
                    return andLeave(taken, ask(demand, lane, deadline, Set.of()));
                });
        return another.onFailure(why -> late.end());
    }

    /** @param alone where Kafka does not answer */
    private Future<Permit> await(
            Asking asking, List<Need> scarce, long deadline, Turns.Asked asked, Supplier<Future<Permit>> alone) {
        crowd.joined();
        asking.permit().future().onComplete(answer -> crowd.left());
        time.after(Math.max(1, deadline - time.millis()), () -> {
            if (asking.refused(refusal(scarce, AppLimits.SOON))) {
                asked.giveUp().run();
            }
        });
        asked.turn()
                .onFailure(away -> {
                    if (asking.over()) {
                        alone.get().onComplete(asking.permit());
                    }
                })
                .onSuccess(turn -> {
                    long wait = turn.startsAt() - time.millis();
                    if (!standing.heard()) {
                        // Read late: the others may have passed us over.
                        turn.end();
                        if (asking.over()) {
                            alone.get().onComplete(asking.permit());
                        }
                    } else if (time.millis() + wait > deadline) {
                        asking.refused(refusal(scarce, wait));
                        turn.end();
                    } else if (wait > 0) {
                        time.after(wait, () -> asking.granted(turn));
                    } else {
                        asking.granted(turn);
                    }
                });
        return asking.permit().future();
    }

    /** Whoever comes after it is let go when it has asked elsewhere, not before. */
    private static Future<Permit> andLeave(Taken taken, Future<Permit> elsewhere) {
        taken.app.leave(taken);
        return elsewhere;
    }

    /** Kafka is away, and nobody can be asked: what is surely ours. */
    private Future<Permit> askAlone(Demand demand, List<Need> scarce, Lane lane, long deadline, Set<String> found) {
        List<Need> needs = others(demand, scarce);
        for (Need need : scarce) {
            int limit = need.limit().count();
            boolean shared = need.limit().atOnce() || fleet.sharesOut(limit);
            if (shared ? fleet.smallShare(need.scope(), limit) == 0 : !fleet.goesOnAlone(need.scope())) {
                return refuse(List.of(need), AppLimits.SOON);
            }
            needs.add(need.by(Need.By.ALONE));
            if (!shared) {
                // Besides, and slower: the others may be able to agree, and use the limit.
                needs.add(new Need(need.scope() + "#alone", need.limit().half(), need.permits(), true));
            }
        }
        return take(demand, needs, lane, deadline)
                .compose(taken -> permit(demand, lane, taken), why -> againByTurn(demand, lane, deadline, found, why));
    }

    private static List<Need> others(Demand demand, List<Need> scarce) {
        List<Need> needs = new ArrayList<>(demand.needs());
        needs.removeAll(scarce);
        return needs;
    }

    private Future<Permit> refuse(List<Need> scarce, long wait) {
        return Future.failedFuture(refusal(scarce, wait));
    }

    private ThrottledException refusal(List<Need> scarce, long wait) {
        crowd.refused();
        return new ThrottledException(scarce.get(0).scope(), wait);
    }

    Apps apps() {
        return apps;
    }

    /** @return how long nobody calls that scope */
    Duration throttled(Demand demand, int item, Optional<Duration> retryAfter) {
        String home = demand.homes().get(Math.min(item, demand.homes().size() - 1));
        AppLimits app = apps.app(demand.app());
        long wait = retryAfter.map(Duration::toMillis).orElseGet(() -> {
            long backoff = app.backoff(home);
            return backoff + ThreadLocalRandom.current().nextLong(backoff / 4 + 1);
        });
        long closed = Math.max(SHORTEST_CLOSURE_MILLIS, wait);
        app.close(home, closed);
        publisher.accept(new ScopeThrottled(demand.app(), home, self, closed));
        return Duration.ofMillis(closed);
    }
}
