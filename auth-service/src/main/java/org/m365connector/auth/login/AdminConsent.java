package org.m365connector.auth.login;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.auth.Secrets;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.entra.EntraSettings;
import org.m365connector.auth.permission.Feature;
import org.m365connector.auth.registration.AdminConsentGiven;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.vault.Vault;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

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
    private final EntraSettings entraSettings;
    private final Event<AdminConsentGiven> given;
    private final Vault vault;
    private final Clock clock;

    AdminConsent(
            Consents consents,
            Registrations registrations,
            LoginUrls urls,
            LoginSettings settings,
            EntraSettings entraSettings,
            Event<AdminConsentGiven> given,
            Vault vault,
            Clock clock) {
        this.consents = consents;
        this.registrations = registrations;
        this.urls = urls;
        this.settings = settings;
        this.entraSettings = entraSettings;
        this.given = given;
        this.vault = vault;
        this.clock = clock;
    }

    /** What a callback needs after it has been taken for good. */
    sealed interface Claim {

        /**
         * @param id of the consent
         * @param features what it should be enough for
         * @param app empty where there is no credential yet to verify it with
         */
        record Taken(
                String id,
                PortalId portal,
                RegistrationName registration,
                List<Feature> features,
                Optional<EntraApp> app)
                implements Claim {}

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
        boolean leftBehind = consent.isLeftBehind(now, entraSettings.timeout().multipliedBy(2));
        if (consent.usedAt != null && !leftBehind) {
            Outcome before = Optional.ofNullable(consent.outcome).orElse(Outcome.INPROGRESS);
            return new Claim.Over(LoginResult.of(before).withCode(Optional.ofNullable(consent.code)));
        }
        if (!leftBehind && !now.isBefore(consent.expiresAt)) {
            return new Claim.Over(LoginResult.of(Outcome.CONSENTLINKEXPIRED));
        }
        consent.usedAt = now;
        // Should this process die before it knows how it ended, it is looked at all the same.
        consent.lookAt = now.plus(settings.consentLook());
        return taken(consent);
    }

    /** One of which it is time to look once more whether Entra shows it. Nobody else gets it until the next time. */
    @Transactional
    Optional<Claim.Taken> nextToLookAt() {
        Optional<Consent> due = consents.nextToLookAt(clock.instant());
        due.ifPresent(consent -> consent.lookAt = clock.instant().plus(settings.consentLook()));
        return due.map(this::taken);
    }

    private Claim.Taken taken(Consent consent) {
        Registration registration = registrations.findById(consent.registrationId);
        Optional<EntraApp> app =
                registration.isComplete() ? Optional.of(registrations.app(registration)) : Optional.empty();
        return new Claim.Taken(
                consent.stateHash, registration.portal(), registration.name(), registration.features(), app);
    }

    /** It is known now how it ended. */
    @Transactional
    void finish(String id, Outcome outcome, Optional<String> code) {
        consents.findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE).ifPresent(consent -> {
            consent.finish(outcome, code);
            if (outcome == Outcome.ADMINCONSENTGIVEN) {
                given.fire(new AdminConsentGiven(registrations.findById(consent.registrationId), true));
            }
        });
    }

    /** Entra does not show it, or did not answer: that is looked at again, for a while. */
    @Transactional
    void postpone(String id, Outcome outcome, Optional<String> code) {
        Optional<Consent> open = consents.findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE)
                // Somebody else may have seen it since.
                .filter(consent -> consent.outcome != Outcome.ADMINCONSENTGIVEN);
        open.ifPresent(consent -> {
            boolean news = outcome != consent.outcome;
            consent.finish(outcome, code);
            consent.lookAgain(clock.instant(), settings.consentLook(), settings.consentLookFor());
            // A part of it may count already: at once, and when nothing more is waited for.
            if (outcome == Outcome.ADMINCONSENTPENDING && (news || consent.lookAt == null)) {
                given.fire(new AdminConsentGiven(registrations.findById(consent.registrationId), false));
            }
        });
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
