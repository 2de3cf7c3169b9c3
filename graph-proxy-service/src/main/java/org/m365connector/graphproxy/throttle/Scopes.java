package org.m365connector.graphproxy.throttle;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The scopes of one app that somebody uses. Guarded by the lock of {@link AppLimits}. */
final class Scopes {

    private final Map<String, Scope> scopes = new HashMap<>();

    Scope[] of(List<Need> needs) {
        Scope[] wanted = new Scope[needs.size()];
        for (int i = 0; i < wanted.length; i++) {
            Need need = needs.get(i);
            wanted[i] = of(need.scope(), need.limit());
        }
        return wanted;
    }

    Scope of(String key, Limit limit) {
        Scope scope = scopes.get(key);
        if (scope == null) {
            scope = new Scope(key, limit);
            scopes.put(key, scope);
        }
        return scope;
    }

    /** Null where nobody uses it. */
    Scope get(String key) {
        return scopes.get(key);
    }

    Collection<Scope> all() {
        return scopes.values();
    }

    /** How long until all of them are open; 0 if they are. */
    long millisClosed(List<String> homes, long now) {
        long longest = 0;
        for (String home : homes) {
            Scope scope = scopes.get(home);
            if (scope != null) {
                longest = Math.max(longest, scope.millisClosed(now));
            }
        }
        return longest;
    }

    /** Calls at once that run. */
    int running() {
        int running = 0;
        for (Scope scope : scopes.values()) {
            running += scope.running();
        }
        return running;
    }

    int size() {
        return scopes.size();
    }

    void forgetIdle(long now) {
        scopes.values().removeIf(scope -> scope.idle(now));
    }
}
