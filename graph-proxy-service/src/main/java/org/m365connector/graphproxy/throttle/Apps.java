package org.m365connector.graphproxy.throttle;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.m365connector.events.ScopeHeld;
import org.m365connector.events.ScopeThrottled;
import org.m365connector.events.ScopeUsed;
import org.m365connector.events.TurnTaken;

/** The limits of all apps, and what other replicas do to them. */
final class Apps implements TurnScopes {

    private final String self;
    private final Shares shares;
    private final Crowd crowd;
    private final Time time;
    private final Consumer<Object> publisher;
    private final Map<String, AppLimits> apps = new ConcurrentHashMap<>();

    /** @param publisher writes a {@link ScopeUsed} or {@link ScopeHeld} to the topic, or loses it */
    Apps(String self, Shares shares, Crowd crowd, Time time, Consumer<Object> publisher) {
        this.self = self;
        this.shares = shares;
        this.crowd = crowd;
        this.time = time;
        this.publisher = publisher;
    }

    @Override
    public void goByTurns(String app, String scope, Limit limit, String opener, long until) {
        app(app).goByTurns(scope, limit, opener, until);
    }

    @Override
    public void areShared(String app, String scope) {
        app(app).isShared(scope);
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
                if (part.windowMillis() >= Used.TOLD_FROM_MILLIS && part.limit() > 0) {
                    Limit limit = new Limit(part.limit(), Duration.ofMillis(part.windowMillis()));
                    app(event.app()).usedElsewhere(part.scope(), limit, part.permits(), at);
                }
            }
        }
    }

    AppLimits app(String name) {
        AppLimits app = apps.get(name);
        return app != null ? app : apps.computeIfAbsent(name, this::newApp);
    }

    /** A replica runs calls at once in a scope by its share. Of our own word we know now that the others read it. */
    void heard(ScopeHeld event) {
        int over = event.calls() - Math.max(0, event.share());
        if (event.replica().equals(self)) {
            app(event.app()).overHere(event.scope(), over);
        } else {
            // Its limit counts only where there are more of them than there may be.
            app(event.app())
                    .overElsewhere(
                            event.scope(), new Limit(Math.max(1, event.limit()), Duration.ZERO), event.replica(), over);
        }
    }

    /** What another replica has told is no more. */
    void gone(String replica) {
        apps.values().forEach(app -> app.goneElsewhere(replica));
    }

    /** What others have told counts no more: nobody but those is there. */
    void keepOnly(Set<String> replicas) {
        apps.values().forEach(app -> app.keepOnly(replicas));
    }

    /** What this replica runs in turn is known to nobody any more: it counts like what runs by its share. */
    void turnsAreForgotten() {
        apps.values().forEach(AppLimits::turnsAreForgotten);
    }

    /** Replicas have come or gone. */
    void sharesHaveChanged() {
        apps.values().forEach(AppLimits::sharesHaveChanged);
    }

    /** To be called about every second. */
    void look() {
        apps.values().forEach(AppLimits::look);
    }

    /** Calls at once that run. */
    int running() {
        int sum = 0;
        for (AppLimits app : apps.values()) {
            sum += app.running();
        }
        return sum;
    }

    private AppLimits newApp(String name) {
        return new AppLimits(time, shares, crowd, new Telling.News() {
            @Override
            public void used(Need need, int calls) {
                Limit limit = need.limit();
                publisher.accept(new ScopeUsed(
                        name, self, need.scope(), limit.count(), limit.window().toMillis(), calls));
            }

            @Override
            public void held(Scope scope, int share) {
                publisher.accept(new ScopeHeld(
                        name, self, scope.key(), scope.limit().count(), scope.byShare(), share, scope.opener()));
            }
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
