package org.m365connector.events;

import java.util.Optional;

/**
 * On {@code m365.throttling}, key app and scope: so many calls of a replica run in a scope that counts calls at once, without a
 * turn. Told while they are more than its share, because others have come; and whenever somebody takes a turn there, who waits
 * until all have told it.
 *
 * @param limit so many at once
 * @param calls now
 * @param share what the replica may have
 * @param opener replica and number of the turn that it answers: {@code <replica>#<number>}
 */
public record ScopeHeld(
        String app, String replica, String scope, int limit, int calls, int share, Optional<String> opener) {

    public static final String TYPE = "scope-held.v1";

    public ScopeHeld {
        opener = opener == null ? Optional.empty() : opener;
    }
}
