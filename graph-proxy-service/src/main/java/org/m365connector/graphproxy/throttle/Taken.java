package org.m365connector.graphproxy.throttle;

import java.util.List;

/** What a call has taken of the limits of its app. Guarded by the app's lock. */
final class Taken {

    final AppLimits app;
    final List<Need> needs;
    final Scope[] scopes;

    /** When it was counted. */
    final long at;

    /** Whether it has gone out since. */
    volatile boolean begun;

    /** Whether its end makes room for somebody. */
    final boolean holds;

    Taken(AppLimits app, List<Need> needs, Scope[] scopes, long at) {
        this.app = app;
        this.needs = needs;
        this.scopes = scopes;
        this.at = at;
        boolean atOnce = false;
        for (Scope scope : scopes) {
            atOnce |= scope.limit().atOnce() && !scope.limit().none();
        }
        holds = atOnce;
    }
}
