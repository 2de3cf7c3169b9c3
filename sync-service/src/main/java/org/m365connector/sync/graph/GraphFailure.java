package org.m365connector.sync.graph;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Why a call of Graph brought no answer that can be used. Status decides first, code second, texts never. */
public sealed interface GraphFailure {

    /** Whether the call may have taken effect at Graph nevertheless. */
    boolean mayHaveHappened();

    /** Whether the same call may succeed later without anybody doing anything. */
    boolean retryable();

    /** How long Graph or the proxy asked us to wait. */
    default Optional<Duration> retryAfter() {
        return Optional.empty();
    }

    /** Whether we are to be quiet for a while, whatever happens meanwhile. */
    default boolean throttled() {
        return retryAfter().isPresent();
    }

    /** Whether whoever acts may not look at this, or cannot act: somebody else perhaps may. */
    default boolean accessLost() {
        return false;
    }

    /** For people: the slug of the proxy's problem, or Graph's status and code. */
    String words();

    /** No connection came about: nothing was sent. */
    record NotSent() implements GraphFailure {
        @Override
        public String words() {
            return "graph-proxy-unreachable";
        }

        @Override
        public boolean mayHaveHappened() {
            return false;
        }

        @Override
        public boolean retryable() {
            return true;
        }
    }

    /** The request was on its way when the connection broke or the time was over. */
    record NoAnswer() implements GraphFailure {
        @Override
        public String words() {
            return "graph-gave-no-answer";
        }

        @Override
        public boolean mayHaveHappened() {
            return true;
        }

        @Override
        public boolean retryable() {
            return true;
        }
    }

    /** Something went wrong on our side of an answer. */
    record Unforeseen() implements GraphFailure {
        @Override
        public String words() {
            return org.m365connector.sync.work.Unforeseen.WORDS;
        }

        @Override
        public boolean mayHaveHappened() {
            return true;
        }

        @Override
        public boolean retryable() {
            return true;
        }
    }

    /**
     * graph-proxy-service answered instead of Graph.
     *
     * @param slug of its problem
     * @param body the whole problem, which says in words for people what to do
     */
    record Problem(String slug, int status, Map<String, Object> body, Optional<Duration> retryAfter)
            implements GraphFailure {
        /** Member of the proxy's problems: {@code false} where the request surely did not reach Graph. */
        private static final String SENT = "sent";

        /** Said before anything is sent to Graph; of other 5xx nobody knows. */
        private static final Set<String> BEFORE_GRAPH = Set.of(
                "auth-unavailable",
                "entra-unavailable",
                "credential-expired",
                "too-many-calls",
                "graph-host-not-allowed",
                "unavailable");

        @Override
        public String words() {
            return slug;
        }

        @Override
        public boolean mayHaveHappened() {
            return status >= 500 && !BEFORE_GRAPH.contains(slug) && !Boolean.FALSE.equals(body.get(SENT));
        }

        @Override
        public boolean retryable() {
            return status >= 500 || status == 429;
        }

        @Override
        public boolean throttled() {
            return status == 429 || retryAfter.isPresent();
        }

        @Override
        public boolean accessLost() {
            return !retryable() || slug.equals("credential-expired");
        }
    }

    /** Graph itself refused. */
    record Refused(int status, String code, String message, Optional<Duration> retryAfter) implements GraphFailure {
        @Override
        public String words() {
            return "graph-refused " + status + " " + code;
        }

        /** 429, and 503 with Retry-After, are said before anything is executed; of other 5xx nobody knows. */
        @Override
        public boolean mayHaveHappened() {
            return status == 408 || (status >= 500 && status != 501 && !(status == 503 && retryAfter.isPresent()));
        }

        @Override
        public boolean retryable() {
            return status == 408 || status == 423 || status == 429 || (status >= 500 && status != 501 && status != 507);
        }

        @Override
        public boolean throttled() {
            return status == 429 || retryAfter.isPresent();
        }

        @Override
        public boolean accessLost() {
            return status == 401 || status == 403 || status == 404;
        }

        /** The stored delta link has died: begin anew and find deletions by comparison. */
        public boolean syncStateLost() {
            String lower = code.toLowerCase(java.util.Locale.ROOT);
            return status == 410
                    || (status >= 400
                            && status < 500
                            && (lower.startsWith("syncstate")
                                    || lower.startsWith("resync")
                                    || lower.equals("invalidsyncstatedata")));
        }

        /** Leaves Graph's text out: it may repeat what was sent. */
        @Override
        public String toString() {
            return "Refused[status=" + status + ", code=" + code + "]";
        }
    }
}
