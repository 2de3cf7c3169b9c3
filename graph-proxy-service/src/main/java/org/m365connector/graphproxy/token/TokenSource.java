package org.m365connector.graphproxy.token;

import io.vertx.core.Future;

/** Where tokens come from. */
@FunctionalInterface
public interface TokenSource {

    /** Fails with a {@code ProblemException} or an {@link AuthRefusal}. */
    Future<Token> fetch(TokenQuestion question);
}
