package org.m365connector.auth.login;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.m365connector.auth.entra.EntraClient;
import org.m365connector.auth.entra.EntraError;
import org.m365connector.auth.entra.EntraFailure;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.entra.IdTokenRefused;
import org.m365connector.auth.entra.IdTokens;
import org.m365connector.auth.entra.Identity;
import org.m365connector.auth.registration.LoginUrls;

/** The way of a browser from our link to Entra and back: steps of {@link LoginService} with Entra's answers between. */
@ApplicationScoped
class LoginFlow {

    private static final Logger LOG = Logger.getLogger(LoginFlow.class);
    private static final Set<String> NOT_SILENTLY =
            Set.of("login_required", "interaction_required", "consent_required", "account_selection_required");
    private static final Pattern AADSTS = Pattern.compile("AADSTS(\\d{4,8})");
    private static final Set<String> ADMIN_CONSENT = Set.of("90094", "90095", "90008");
    private static final String CONSENT_DECLINED = "65004";

    private final LoginService service;
    private final EntraClient entra;
    private final IdTokens idTokens;
    private final LoginUrls urls;

    LoginFlow(LoginService service, EntraClient entra, IdTokens idTokens, LoginUrls urls) {
        this.service = service;
        this.entra = entra;
        this.idTokens = idTokens;
        this.urls = urls;
    }

    /** What came back from the authorize endpoint. None of it can be trusted. */
    record Callback(
            Optional<String> state,
            Optional<String> code,
            Optional<String> error,
            Optional<String> errorDescription,
            Optional<String> browser) {

        @Override
        public String toString() {
            return "Callback[error=" + error.isPresent() + "]";
        }
    }

    Step begin(String ticket) {
        return service.begin(ticket);
    }

    Step callback(Callback callback) {
        if (callback.state().isEmpty()
                || (callback.code().isEmpty() && callback.error().isEmpty())) {
            return new Step.Finished(LoginResult.of(Outcome.ATTEMPTUNKNOWN));
        }
        LoginService.Claim claim = service.claim(callback.state().get(), callback.browser());
        if (claim instanceof LoginService.Claim.Over over) {
            return new Step.Finished(over.result());
        }
        LoginService.Claimed claimed = ((LoginService.Claim.Taken) claim).claimed();
        if (callback.error().isPresent()) {
            return refused(claimed, callback.error().get(), callback.errorDescription());
        }
        return new Step.Finished(redeem(claimed, callback.code().get()));
    }

    private Step refused(LoginService.Claimed claimed, String error, Optional<String> description) {
        if (claimed.silent() && NOT_SILENTLY.contains(error)) {
            return service.visibly(claimed);
        }
        Optional<String> number = description.flatMap(LoginFlow::number);
        Outcome outcome = outcomeOf(error, number.orElse(""));
        // The description is somebody else's text: only its number is kept, and of the error only what we know.
        Optional<String> code = number.map(digits -> "AADSTS" + digits);
        LOG.infof("Login refused account=%s outcome=%s code=%s", claimed.key(), outcome.slug(), code.orElse("-"));
        return new Step.Finished(service.failed(claimed, outcome, code));
    }

    static Outcome outcomeOf(String error, String number) {
        if (ADMIN_CONSENT.contains(number)) {
            return Outcome.ADMINCONSENT;
        }
        return switch (error) {
            case "access_denied" ->
                number.equals(CONSENT_DECLINED) ? Outcome.CONSENTREFUSED : deniedOrCancelled(number);
            case "consent_required" -> Outcome.CONSENTREFUSED;
            case "server_error", "temporarily_unavailable" -> Outcome.ENTRAUNAVAILABLE;
            case "invalid_request",
                    "unauthorized_client",
                    "unsupported_response_type",
                    "invalid_resource",
                    "invalid_scope",
                    "invalid_client" -> Outcome.MISCONFIGURED;
            default -> Outcome.ENTRAREFUSED;
        };
    }

    // access_denied without a number is what the Cancel button sends; with another number it is a policy.
    private static Outcome deniedOrCancelled(String number) {
        return number.isEmpty() ? Outcome.CANCELLED : Outcome.ENTRAREFUSED;
    }

    private LoginResult redeem(LoginService.Claimed claimed, String code) {
        Grant grant = entra.redeem(claimed.app(), code, urls.callback(), claimed.verifier(), claimed.scopes());
        if (grant instanceof Grant.Refused refused) {
            EntraError error = refused.error();
            LOG.warnf("Code not redeemed account=%s code=%s", claimed.key(), error.code());
            return service.failed(claimed, outcomeOf(error.failure()), Optional.of(error.code()));
        }
        Grant.Granted granted = (Grant.Granted) grant;
        Identity identity;
        try {
            identity = idTokens.verify(
                    claimed.app(),
                    granted.idToken().orElseThrow(() -> new IdTokenRefused("missing")),
                    Optional.of(claimed.nonce()));
        } catch (IdTokenRefused e) {
            LOG.errorf("Id token refused account=%s reason=%s", claimed.key(), e.getMessage());
            return service.failed(claimed, Outcome.ENTRAREFUSED, Optional.of("id_token"));
        }
        return service.signedIn(claimed, identity, granted);
    }

    private static Outcome outcomeOf(EntraFailure failure) {
        if (failure.retryable()) {
            return Outcome.ENTRAUNAVAILABLE;
        }
        return failure instanceof EntraFailure.Configuration ? Outcome.MISCONFIGURED : Outcome.ENTRAREFUSED;
    }

    private static Optional<String> number(String description) {
        Matcher matcher = AADSTS.matcher(description);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
