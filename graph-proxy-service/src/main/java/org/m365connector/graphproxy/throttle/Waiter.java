package org.m365connector.graphproxy.throttle;

import io.vertx.core.Promise;

/** A call that waits for its turn. */
record Waiter(Demand demand, Lane lane, long deadline, Promise<Permit> promise) {}
