package org.m365connector.assignment.history;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Optional;
import org.m365connector.access.AccessKeys;
import org.m365connector.access.Caller;

/** Who makes a call that the key's check has let in. */
@ApplicationScoped
public class Actors {
    private final AccessKeys keys;

    Actors(AccessKeys keys) {
        this.keys = keys;
    }

    public Actor of(HttpHeaders headers) {
        var caller =
                keys.caller(headers.getHeaderString(HttpHeaders.AUTHORIZATION), headers.getHeaderString("X-API-Key"));
        return caller instanceof Caller.Portal own ? Actor.portal(own.portal()) : Actor.ADMIN;
    }

    /** With the reason of the body, else that of the header. */
    public Cause cause(HttpHeaders headers, Optional<String> reason) {
        return new Cause(
                of(headers), reason.or(() -> Optional.ofNullable(headers.getHeaderString(Cause.REASON_HEADER))));
    }
}
