package org.m365connector.auth.token;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;
import org.m365connector.access.ServiceCall;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.portal.Entitlements;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/** Gives tokens to the services of the suite. */
@ServiceCall
@Path("/internal/tokens")
public class TokenResource {

    private final TokenIssue issue;
    private final Entitlements entitlements;
    private final TokenSettings settings;

    private final MeterRegistry meters;

    TokenResource(TokenIssue issue, Entitlements entitlements, TokenSettings settings, MeterRegistry meters) {
        this.issue = issue;
        this.entitlements = entitlements;
        this.settings = settings;
        this.meters = meters;
    }

    /**
     * @param minimumTtl seconds that the token must live; half of a token's life is always enough
     * @param claims a claims challenge of Graph, decoded
     */
    record TokenRequest(
            @NotNull PortalId portal,
            @NotNull RegistrationName registration,
            @NotNull AccountId account,
            Optional<@PositiveOrZero @Max(86_400) Long> minimumTtl,
            Optional<@Size(max = 4000) String> claims) {

        TokenRequest {
            minimumTtl = minimumTtl == null ? Optional.empty() : minimumTtl;
            claims = claims == null ? Optional.empty() : claims;
        }
    }

    /** @param generation of the account; a later record of {@code m365.accounts} with a higher one makes the token void */
    record Token(String accessToken, Instant expiresAt, long generation) {

        @Override
        public String toString() {
            return "Token[expiresAt=" + expiresAt + "]";
        }
    }

    @POST
    public RestResponse<Token> issue(@Valid @NotNull TokenRequest request) {
        // Not in TokenIssue: static accounts are kept alive meanwhile, so that nobody has to sign in again once it is
        // renewed.
        entitlements.require(request.portal());
        TokenAnswer answer = issue.issue(
                new AccountKey(request.portal(), request.registration(), request.account()),
                request.minimumTtl().map(Duration::ofSeconds).orElseGet(settings::minimumTtl),
                request.claims());
        if (answer instanceof TokenAnswer.Issued token) {
            count("issued");
            return RestResponse.ResponseBuilder.ok(
                            new Token(token.accessToken(), token.expiresAt(), token.generation()))
                    .header(HttpHeaders.CACHE_CONTROL, "no-store")
                    .build();
        }
        TokenAnswer.Refused refused = (TokenAnswer.Refused) answer;
        count(refused.problem().slug());
        throw problem(request, refused);
    }

    private void count(String outcome) {
        meters.counter("m365.tokens", "outcome", outcome).increment();
    }

    private static ProblemException problem(TokenRequest request, TokenAnswer.Refused refused) {
        var problem = new ProblemException(refused.problem(), request.account(), request.registration());
        refused.retryAfter()
                .ifPresent(pause ->
                        problem.withHeader(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, pause.toSeconds()))));
        return problem;
    }
}
