package org.m365connector.graphproxy.throttle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.ScopeUsed;
import org.m365connector.events.TurnTaken;

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

    private final String self;
    private final Fleet fleet;
    private final BooleanSupplier heard;
    private final Turns turns;
    private final Patience patience;
    private final Crowd crowd;
    private final Time time;
    private final Consumer<Object> publisher;
    private final Shares shares;
    private final Map<String, AppLimits> apps = new ConcurrentHashMap<>();

    /**
     * @param heard whether the other replicas hear us, and we know what they do: then we have our share, else the small one
     * @param publisher writes a {@link ScopeThrottled} or {@link ScopeUsed} to the topic, or loses it
     */
    Governor(
            String self,
            Fleet fleet,
            BooleanSupplier heard,
            Turns turns,
            Patience patience,
            Crowd crowd,
            Time time,
            Consumer<Object> publisher) {
        this.self = self;
        this.fleet = fleet;
        this.heard = heard;
        this.turns = turns;
        this.patience = patience;
        this.crowd = crowd;
        this.time = time;
        this.publisher = publisher;
        shares = new Shares() {
            @Override
            public boolean whole() {
                return heard.getAsBoolean();
            }

            @Override
            public int of(Need need, boolean whole) {
                int limit = need.limit().count();
                if (need.whole() || need.limit().none()) {
                    return limit;
                }
                // Replicas have come since it was asked for: the last one of a share that is no more goes as if it were
                // one.
                return whole ? Math.max(1, fleet.share(need.scope(), limit)) : fleet.smallShare(limit);
            }
        };
    }

    /** Fails with {@link ThrottledException} where it would take too long. */
    public Future<Permit> ask(Demand demand, Lane lane) {
        long deadline = time.millis() + patience.millis(lane);
        List<Need> scarce = scarce(demand);
        if (scarce.isEmpty()) {
            return take(demand, demand.needs(), lane, deadline).map(taken -> new Permit(this, demand, taken));
        }
        return heard.getAsBoolean() && turns.answered()
                ? askInTurn(demand, scarce, lane, deadline)
                : askAlone(demand, scarce, lane, deadline);
    }

    private Future<Taken> take(Demand demand, List<Need> needs, Lane lane, long deadline) {
        return app(demand.app()).take(needs, lane, deadline);
    }

    private List<Need> scarce(Demand demand) {
        int members = fleet.members();
        List<Need> scarce = List.of();
        if (members > 1) {
            for (Need need : demand.needs()) {
                if (!need.whole() && need.limit().count() < members) {
                    scarce = scarce.isEmpty() ? new ArrayList<>() : scarce;
                    scarce.add(need);
                }
            }
        }
        return scarce;
    }

    /** First what is ours alone, and our turn to ask; then the other replicas. */
    private Future<Permit> askInTurn(Demand demand, List<Need> scarce, Lane lane, long deadline) {
        if (!crowd.admits(0)) {
            return refuse(scarce, AppLimits.SOON);
        }
        List<Need> needs = others(demand, scarce);
        scarce.forEach(need -> needs.add(need.inTurn()));
        return take(demand, needs, lane, deadline).compose(taken -> inTurn(demand, scarce, lane, deadline, taken));
    }

    private Future<Permit> inTurn(Demand demand, List<Need> scarce, Lane lane, long deadline, Taken taken) {
        if (!turns.answered()) {
            // Found out while this one waited.
            return andLeave(taken, askAlone(demand, scarce, lane, deadline));
        }
        long now = time.millis();
        long booked = turns.millisToWait(demand.app(), scarce, now);
        if (now + booked > deadline) {
            return andLeave(taken, refuse(scarce, booked));
        }
        Asking asking = new Asking(demand, scarce, taken);
        crowd.joined();
        asking.permit.future().onComplete(answer -> crowd.left());
        Turns.Asked asked = turns.take(demand.app(), scarce);
        time.after(Math.max(1, deadline - now), () -> {
            if (asking.refused(AppLimits.SOON)) {
                asked.giveUp().run();
            }
        });
        asked.turn()
                .onFailure(away -> {
                    if (asking.over()) {
                        andLeave(taken, askAlone(demand, scarce, lane, deadline))
                                .onComplete(asking.permit);
                    }
                })
                .onSuccess(turn -> {
                    long wait = turn.startsAt() - time.millis();
                    if (time.millis() + wait > deadline) {
                        asking.refused(wait);
                        turn.end().run();
                    } else if (wait > 0) {
                        time.after(wait, () -> asking.granted(turn));
                    } else {
                        asking.granted(turn);
                    }
                });
        return asking.permit.future();
    }

    /** Whoever comes after it is let go when it has asked elsewhere, not before. */
    private static Future<Permit> andLeave(Taken taken, Future<Permit> elsewhere) {
        taken.app.leave(taken);
        return elsewhere;
    }

    /** A call that has what is ours, and waits for the others. One of several ends comes first. */
    private final class Asking {
        private final Demand demand;
        private final List<Need> scarce;
        private final Taken taken;
        private final AtomicBoolean over = new AtomicBoolean();
        private final Promise<Permit> permit = Promise.promise();

        Asking(Demand demand, List<Need> scarce, Taken taken) {
            this.demand = demand;
            this.scarce = scarce;
            this.taken = taken;
        }

        boolean over() {
            return over.compareAndSet(false, true);
        }

        void granted(Turns.Turn turn) {
            if (over()) {
                permit.complete(new Permit(Governor.this, demand, taken, turn));
            } else {
                turn.end().run();
            }
        }

        boolean refused(long wait) {
            if (!over()) {
                return false;
            }
            taken.app.leave(taken);
            permit.handle(refuse(scarce, wait));
            return true;
        }
    }

    /** Kafka is away, and nobody can be asked: what is surely ours. */
    private Future<Permit> askAlone(Demand demand, List<Need> scarce, Lane lane, long deadline) {
        int members = fleet.members();
        List<Need> needs = others(demand, scarce);
        for (Need need : scarce) {
            needs.add(new Need(need.scope() + "#1/" + members, need.limit().alone(members), need.permits(), true));
        }
        return take(demand, needs, lane, deadline).map(taken -> new Permit(this, demand, taken));
    }

    private static List<Need> others(Demand demand, List<Need> scarce) {
        List<Need> needs = new ArrayList<>(demand.needs());
        needs.removeAll(scarce);
        return needs;
    }

    private Future<Permit> refuse(List<Need> scarce, long wait) {
        crowd.refused();
        return Future.failedFuture(new ThrottledException(scarce.get(0).scope(), wait));
    }

    /** @return how long nobody calls that scope */
    Duration throttled(Demand demand, int item, Optional<Duration> retryAfter) {
        String home = demand.homes().get(Math.min(item, demand.homes().size() - 1));
        AppLimits app = app(demand.app());
        long wait = retryAfter.map(Duration::toMillis).orElseGet(() -> {
            long backoff = app.backoff(home);
            return backoff + ThreadLocalRandom.current().nextLong(backoff / 4 + 1);
        });
        app.close(home, wait);
        publisher.accept(new ScopeThrottled(demand.app(), home, self, wait));
        return Duration.ofMillis(wait);
    }

    /** Another replica was told, so long ago. */
    void heard(ScopeThrottled event, long age) {
        if (!event.replica().equals(self) && event.millis() > age) {
            app(event.app()).close(event.scope(), event.millis() - age);
        }
    }

    /** Another replica has called, at that time of ours. */
    void heard(ScopeUsed event, long at) {
        if (!event.replica().equals(self) && event.limit() > 0 && event.windowMillis() > 0) {
            Limit limit = new Limit(event.limit(), Duration.ofMillis(event.windowMillis()));
            app(event.app()).usedElsewhere(event.scope(), limit, event.calls(), at);
        }
    }

    /** A turn of another replica counts, also where there is a share for each later. */
    void heard(TurnTaken event, long at) {
        if (!event.replica().equals(self)) {
            for (TurnTaken.Part part : event.parts()) {
                if (part.windowMillis() >= Scope.TOLD_FROM_MILLIS && part.limit() > 0) {
                    Limit limit = new Limit(part.limit(), Duration.ofMillis(part.windowMillis()));
                    app(event.app()).usedElsewhere(part.scope(), limit, part.permits(), at);
                }
            }
        }
    }

    private AppLimits app(String name) {
        AppLimits app = apps.get(name);
        return app != null ? app : apps.computeIfAbsent(name, this::newApp);
    }

    private AppLimits newApp(String name) {
        return new AppLimits(time, shares, crowd, (need, calls) -> {
            Limit limit = need.limit();
            publisher.accept(new ScopeUsed(
                    name, self, need.scope(), limit.count(), limit.window().toMillis(), calls));
        });
    }

    /** Scopes in memory. */
    int scopes() {
        int sum = 0;
        for (AppLimits app : apps.values()) {
            sum += app.size();
        }
        return sum;
    }

    /** Forgets what nobody uses. To be called now and then. */
    void sweep() {
        apps.values().forEach(AppLimits::sweep);
    }
}
