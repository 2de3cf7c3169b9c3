package org.m365connector.auth.login;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.auth.Secrets;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.registration.AdminConsentGiven;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.vault.Vault;

/**
 * An administrator of Microsoft 365 agrees to all permissions of an app at once, on a page of Entra's that a link of ours leads
 * to. What comes back with the browser proves nothing but that it belongs to our link: the tenant in it is not even read.
 * Whether the permissions are granted is seen from the token that the app then gets.
 */
@ApplicationScoped
public class AdminConsent {

    private final Consents consents;
    private final Registrations registrations;
    private final LoginUrls urls;
    private final LoginSettings settings;
    private final Event<AdminConsentGiven> given;
    private final Vault vault;
    private final Clock clock;

    AdminConsent(
            Consents consents,
            Registrations registrations,
            LoginUrls urls,
            LoginSettings settings,
            Event<AdminConsentGiven> given,
            Vault vault,
            Clock clock) {
        this.consents = consents;
        this.registrations = registrations;
        this.urls = urls;
        this.settings = settings;
        this.given = given;
        this.vault = vault;
        this.clock = clock;
    }

    /** What a callback needs after it has been taken for good. */
    sealed interface Claim {

        /** @param app empty where there is no credential yet to verify the consent with */
        record Taken(String state, String registration, Optional<EntraApp> app) implements Claim {}

        record Over(LoginResult result) implements Claim {}
    }

    /**
     * Entra's page for an administrator of the tenant. It can be sent on, works once, and for as long as a sign-in link; asked
     * for again it stays the same until it is used or half of its life is over.
     *
     * @throws org.m365connector.problem.ProblemException {@code registration-incomplete} where tenant or client are missing
     */
    @Transactional
    public URI link(Registration registration) {
        Instant now = clock.instant();
        String state = consents.reusable(
                        registration.id(), now.plus(settings.linkLife().dividedBy(2)))
                .filter(consent -> vault.hasKeyOf(consent.sealed))
                .map(consent -> consent.state(registration, vault))
                .orElseGet(() -> newState(registration, now));
        return URI.create(registrations.adminConsentEndpoint(registration)
                + "?client_id=" + encode(registration.clientId().orElseThrow())
                + "&scope=" + encode(registrations.everyPermission(registration))
                + "&redirect_uri=" + encode(urls.callback().toString())
                + "&state=" + encode(state));
    }

    private String newState(Registration registration, Instant now) {
        String state = Secrets.random();
        consents.persist(Consent.of(registration, state, vault, now, settings.linkLife()));
        return state;
    }

    /** Whether that state is of one of our links, and not of somebody's sign-in. */
    @Transactional
    boolean isOurs(String state) {
        return consents.isOne(state);
    }

    /** Takes a callback, once. */
    @Transactional
    Claim claim(String state) {
        Optional<Consent> found = consents.lookUpLocked(state);
        if (found.isEmpty()) {
            return new Claim.Over(LoginResult.of(Outcome.ATTEMPTUNKNOWN));
        }
        Consent consent = found.get();
        Instant now = clock.instant();
        if (consent.usedAt != null) {
            Outcome before = Optional.ofNullable(consent.outcome).orElse(Outcome.INPROGRESS);
            return new Claim.Over(LoginResult.of(before).withCode(Optional.ofNullable(consent.code)));
        }
        if (!now.isBefore(consent.expiresAt)) {
            return new Claim.Over(LoginResult.of(Outcome.CONSENTLINKEXPIRED));
        }
        consent.usedAt = now;
        Registration registration = registrations.findById(consent.registrationId);
        Optional<EntraApp> app =
                registration.isComplete() ? Optional.of(registrations.app(registration)) : Optional.empty();
        return new Claim.Taken(state, registration.name().value(), app);
    }

    @Transactional
    void finish(String state, Outcome outcome, Optional<String> code) {
        consents.lookUpLocked(state).ifPresent(consent -> {
            consent.finish(outcome, code);
            if (outcome == Outcome.ADMINCONSENTGIVEN) {
                given.fire(new AdminConsentGiven(registrations.findById(consent.registrationId)));
            }
        });
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
