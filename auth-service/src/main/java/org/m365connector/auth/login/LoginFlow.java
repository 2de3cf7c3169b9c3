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
import org.m365connector.auth.entra.KeysUnavailable;
import org.m365connector.auth.registration.LoginUrls;

/** The way of a browser from our link to Entra and back: steps of {@link LoginService} with Entra's answers between. */
@ApplicationScoped
class LoginFlow {

    private static final Logger LOG = Logger.getLogger(LoginFlow.class);
    private static final Set<String> NOT_SILENTLY =
            Set.of("login_required", "interaction_required", "consent_required", "account_selection_required");
    private static final Pattern AADSTS = Pattern.compile("AADSTS(\\d{4,8})");
    private static final Set<String> ADMIN_CONSENT = Set.of("90094", "90095", "90008");
    private static final Set<String> MORE_PROOF =
            Set.of("50072", "50074", "50076", "50078", "50079", "50158", "50097", "500121");
    private static final Set<String> POLICY = Set.of(
            "50131", "53000", "53001", "53002", "53003", "53004", "53010", "53011", "530032", "530034", "530035",
            "530036");
    private static final Set<String> OTHER_ORGANIZATION = Set.of("50020", "50034", "16003", "90072", "500208");
    private static final String NOT_ASSIGNED = "50105";
    private static final String DISABLED = "50057";
    private static final String CONSENT_DECLINED = "65004";
    private static final long CODE_REDEEMED_BEFORE = 54005;

    private final LoginService service;
    private final AdminConsent consent;
    private final ConsentCheck consentCheck;
    private final EntraClient entra;
    private final IdTokens idTokens;
    private final LoginUrls urls;

    LoginFlow(
            LoginService service,
            AdminConsent consent,
            ConsentCheck consentCheck,
            EntraClient entra,
            IdTokens idTokens,
            LoginUrls urls) {
        this.service = service;
        this.consent = consent;
        this.consentCheck = consentCheck;
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
            boolean adminConsent,
            Optional<String> browser) {

        @Override
        public String toString() {
            return "Callback[error=" + error.isPresent() + "]";
        }
    }

    Step begin(String ticket) {
        return service.begin(ticket);
    }

    Step start(String ticket) {
        return service.start(ticket);
    }

    Step again(String state, Optional<String> browser) {
        return service.again(state, browser);
    }

    Step callback(Callback callback) {
        if (callback.state().isEmpty()
                || (callback.code().isEmpty() && callback.error().isEmpty() && !callback.adminConsent())) {
            return new Step.Finished(LoginResult.of(Outcome.ATTEMPTUNKNOWN));
        }
        if (consent.isOurs(callback.state().get())) {
            return new Step.Finished(consented(callback));
        }
        LoginService.Claim claim = service.claim(callback.state().get(), callback.browser());
        if (claim instanceof LoginService.Claim.Over over) {
            return new Step.Finished(over.result());
        }
        LoginService.Claimed claimed = ((LoginService.Claim.Taken) claim).claimed();
        if (callback.error().isPresent()) {
            return refused(claimed, callback.error().get(), callback.errorDescription());
        }
        if (callback.code().isEmpty()) {
            return new Step.Finished(service.failed(claimed, Outcome.ENTRAREFUSED, Optional.empty(), Optional.empty()));
        }
        return new Step.Finished(redeem(claimed, callback.code().get()));
    }

    /** An administrator comes back. Only a token of the app shows whether he agreed, whatever the browser says. */
    private LoginResult consented(Callback callback) {
        AdminConsent.Claim claim = consent.claim(callback.state().orElseThrow());
        if (claim instanceof AdminConsent.Claim.Over over) {
            return over.result();
        }
        AdminConsent.Claim.Taken taken = (AdminConsent.Claim.Taken) claim;
        if (callback.error().isPresent() || !callback.adminConsent()) {
            Optional<String> code =
                    callback.errorDescription().flatMap(LoginFlow::number).map(digits -> "AADSTS" + digits);
            consent.finish(taken.id(), Outcome.ADMINCONSENTREFUSED, code);
            return LoginResult.of(Outcome.ADMINCONSENTREFUSED).withCode(code);
        }
        return consentCheck.look(taken);
    }

    private Step refused(LoginService.Claimed claimed, String error, Optional<String> description) {
        if (claimed.silent() && NOT_SILENTLY.contains(error)) {
            return service.visibly(claimed);
        }
        if (error.equals("invalid_scope")) {
            Optional<Step> personal = service.asPersonal(claimed);
            if (personal.isPresent()) {
                return personal.get();
            }
        }
        Optional<String> number = description.flatMap(LoginFlow::number);
        Outcome outcome = outcomeOf(error, number.orElse(""));
        // The description is somebody else's text: only its number is kept, and of the error only what we know.
        Optional<String> code = number.map(digits -> "AADSTS" + digits);
        LOG.infof("Login refused account=%s outcome=%s code=%s", claimed.key(), outcome.slug(), code.orElse("-"));
        return new Step.Finished(service.failed(claimed, outcome, code, Optional.empty()));
    }

    static Outcome outcomeOf(String error, String number) {
        Optional<Outcome> known = outcomeOf(number);
        if (known.isPresent()) {
            return known.get();
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

    /** The numbers refine what a page says; nothing is decided by them (they change without notice). */
    private static Optional<Outcome> outcomeOf(String number) {
        if (ADMIN_CONSENT.contains(number)) {
            return Optional.of(Outcome.ADMINCONSENT);
        }
        if (MORE_PROOF.contains(number)) {
            return Optional.of(Outcome.MFAREQUIRED);
        }
        if (POLICY.contains(number)) {
            return Optional.of(Outcome.POLICYBLOCKED);
        }
        if (OTHER_ORGANIZATION.contains(number)) {
            return Optional.of(Outcome.OTHERORGANIZATION);
        }
        if (number.equals(DISABLED)) {
            return Optional.of(Outcome.ACCOUNTDISABLED);
        }
        return number.equals(NOT_ASSIGNED) ? Optional.of(Outcome.NOTASSIGNED) : Optional.empty();
    }

    // access_denied without a number is what the Cancel button sends; with another number it is a policy.
    private static Outcome deniedOrCancelled(String number) {
        return number.isEmpty() ? Outcome.CANCELLED : Outcome.ENTRAREFUSED;
    }

    private LoginResult redeem(LoginService.Claimed claimed, String code) {
        if (!idTokens.hasKeys(claimed.app())) {
            // Without them it could not be said who has signed in, and the code would be used up.
            return service.failed(claimed, Outcome.ENTRAUNAVAILABLE, Optional.of("keys"), Optional.empty());
        }
        Grant grant = entra.redeem(claimed.app(), code, urls.callback(), claimed.verifier(), claimed.scopes());
        if (grant instanceof Grant.Refused refused) {
            EntraError error = refused.error();
            LOG.warnf("Code not redeemed account=%s code=%s", claimed.key(), error.code());
            return service.failed(claimed, outcomeOf(error), Optional.of(error.code()), error.claims())
                    .withRetryAfter(error.failure().retryable() ? error.retryAfter() : Optional.empty());
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
            return service.failed(claimed, Outcome.ENTRAREFUSED, Optional.of("id_token"), Optional.empty());
        } catch (KeysUnavailable e) {
            return service.failed(claimed, Outcome.ENTRAUNAVAILABLE, Optional.of("keys"), Optional.empty());
        }
        return service.signedIn(claimed, identity, granted);
    }

    static Outcome outcomeOf(EntraError error) {
        EntraFailure failure = error.failure();
        if (failure.retryable()) {
            return Outcome.ENTRAUNAVAILABLE;
        }
        if (error.number().isPresent()) {
            long number = error.number().getAsLong();
            if (number == CODE_REDEEMED_BEFORE) {
                // By ourselves, before we could keep what came back.
                return Outcome.INTERRUPTED;
            }
            Optional<Outcome> known = outcomeOf(Long.toString(number));
            if (known.isPresent()) {
                return known.get();
            }
        }
        if (failure instanceof EntraFailure.Blocked) {
            return Outcome.POLICYBLOCKED;
        }
        if (failure instanceof EntraFailure.NeedsLogin needsLogin && needsLogin.consent()) {
            return Outcome.CONSENTREFUSED;
        }
        return failure instanceof EntraFailure.Configuration ? Outcome.MISCONFIGURED : Outcome.ENTRAREFUSED;
    }

    private static Optional<String> number(String description) {
        Matcher matcher = AADSTS.matcher(description);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
