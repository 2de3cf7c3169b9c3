package org.m365connector.graphproxy.forward;

import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.graphproxy.throttle.ThrottledException;
import org.m365connector.graphproxy.token.AuthRefusal;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** What the caller is told of what went wrong on the way to Graph. */
final class Failures {

    private static final Logger LOG = Logger.getLogger(Failures.class);

    private Failures() {}

    /** Whatever has no name yet is a mistake of ours, and none of Graph's. */
    static Throwable named(Throwable failure) {
        if (failure instanceof ProblemException || failure instanceof AuthRefusal) {
            return failure;
        }
        if (failure instanceof ThrottledException throttled) {
            return new ProblemException(ProxyProblem.THROTTLED_BY_CONNECTOR, throttled.retryAfterSeconds())
                    .with("limit", throttled.scope())
                    .withHeader("Retry-After", Long.toString(throttled.retryAfterSeconds()));
        }
        LOG.error("call failed unexpectedly", failure);
        return new ProblemException(RequestProblem.INTERNAL_ERROR).causedBy(failure);
    }

    /** Of what went wrong between us and Graph. */
    static Throwable atGraph(Throwable failure) {
        if (failure instanceof TimeoutException || failure instanceof ConnectTimeoutException) {
            return new ProblemException(ProxyProblem.GRAPH_TIMEOUT).causedBy(failure);
        }
        if (failure instanceof ConnectionPoolTooBusyException) {
            return new ProblemException(ProxyProblem.TOO_MANY_CALLS)
                    .withHeader("Retry-After", "1")
                    .causedBy(failure);
        }
        LOG.warnf("graph cannot be reached cause=%s", failure.getClass().getSimpleName());
        return new ProblemException(ProxyProblem.GRAPH_UNREACHABLE).causedBy(failure);
    }
}
