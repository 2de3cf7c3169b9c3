package org.m365connector.access;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** What the three filters share: reading the key, and telling "who are you" from "not you". */
abstract class AccessFilter {

    private final AccessKeys keys;

    AccessFilter(AccessKeys keys) {
        this.keys = keys;
    }

    final Caller caller(ContainerRequestContext request) {
        return keys.caller(request.getHeaderString(HttpHeaders.AUTHORIZATION), request.getHeaderString("X-API-Key"));
    }

    static void require(boolean allowed, Caller caller) {
        if (allowed) {
            return;
        }
        throw caller instanceof Caller.Nobody
                ? new ProblemException(RequestProblem.UNAUTHORIZED).withHeader("WWW-Authenticate", "Bearer")
                : new ProblemException(RequestProblem.FORBIDDEN);
    }
}
