package org.m365connector.auth.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.auth.AuthProblem;

/** What token issue has to say. */
public sealed interface TokenAnswer {

    /** A token. It is a secret: {@code toString} does not show it. */
    record Issued(String accessToken, Instant issuedAt, Instant expiresAt, long generation) implements TokenAnswer {

        Duration left(Instant now) {
            return Duration.between(now, expiresAt);
        }

        /**
         * Whether it lives long enough. Half of its life is always enough: where tokens live shorter than a caller asks for,
         * asking again for every call would help nobody.
         */
        boolean lasts(Duration minimum, Instant now) {
            Duration half = Duration.between(issuedAt, expiresAt).dividedBy(2);
            Duration needed = minimum.compareTo(half) < 0 ? minimum : half;
            return left(now).compareTo(needed) >= 0 && now.isBefore(expiresAt);
        }

        /** Whether it is time to renew it in the background: a tenth of its life is left, or five minutes. */
        boolean agesSoon(Instant now) {
            Duration tenth = Duration.between(issuedAt, expiresAt).dividedBy(10);
            Duration ahead = tenth.compareTo(Duration.ofMinutes(5)) < 0 ? tenth : Duration.ofMinutes(5);
            return left(now).compareTo(ahead) < 0;
        }

        @Override
        public String toString() {
            return "Issued[expiresAt=" + expiresAt + ", generation=" + generation + "]";
        }
    }

    /** No token, and what is wrong. */
    record Refused(AuthProblem problem, Optional<Duration> retryAfter) implements TokenAnswer {

        static Refused of(AuthProblem problem) {
            return new Refused(problem, Optional.empty());
        }
    }
}
