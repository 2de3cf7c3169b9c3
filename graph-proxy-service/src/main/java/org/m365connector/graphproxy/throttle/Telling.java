package org.m365connector.graphproxy.throttle;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Tells the other replicas what this one does to the scopes of one app. Guarded by the lock of {@link AppLimits}. */
final class Telling {

    /** Writes it to the topic, or loses it; never blocks. */
    interface News {
        /** So many calls more have gone to a scope. */
        void used(Need need, int calls);

        /** So many calls run at once by this replica's share. */
        void held(Scope scope, int share);
    }

    private final Shares shares;
    private final News news;

    /** Of which the others have to know how many calls run. */
    private final Set<Scope> held = new LinkedHashSet<>();

    Telling(Shares shares, News news) {
        this.shares = shares;
        this.news = news;
    }

    /** A call begins. */
    void begun(Scope scope, Need need) {
        boolean shared = need.by() == Need.By.SHARE || need.by() == Need.By.ALONE;
        int calls = shared ? scope.toTell(need.permits(), shares.of(need, true)) : 0;
        if (calls > 0) {
            news.used(need, calls);
        }
    }

    /** How many calls run in a scope may have changed, or what is to be told of it. */
    void look(Scope scope) {
        if (!scope.limit().atOnce() || scope.limit().none()) {
            return;
        }
        int share = shares.of(new Need(scope.key(), scope.limit(), 1, Need.By.SHARE), true);
        if (scope.isToBeTold(share)) {
            // Where nobody has a share, and we have nothing that runs, nobody waits for a word of us.
            if (shares.shared(scope.limit()) || scope.byShare() > 0 || !scope.isTold() || scope.isOverHere()) {
                news.held(scope, share);
            }
            scope.told(share);
            held.add(scope);
        } else {
            held.remove(scope);
        }
    }

    /** A call has ended that ran by this replica's share. */
    void ended(Scope scope) {
        if (!held.isEmpty() && held.contains(scope) && !scope.isTold()) {
            look(scope);
        }
    }

    /** Shares have changed. */
    void look(Collection<Scope> all) {
        all.forEach(this::look);
    }

    /** What was told may have been lost. */
    void again() {
        List.copyOf(held).forEach(this::look);
    }
}
