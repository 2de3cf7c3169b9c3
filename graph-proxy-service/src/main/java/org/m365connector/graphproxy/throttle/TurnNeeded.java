package org.m365connector.graphproxy.throttle;

/** A call cannot go by this replica's share, since the others have to be asked for that scope. */
final class TurnNeeded extends Exception {

    private static final long serialVersionUID = 1;

    private final String scope;

    TurnNeeded(String scope) {
        super(scope, null, false, false);
        this.scope = scope;
    }

    String scope() {
        return scope;
    }
}
