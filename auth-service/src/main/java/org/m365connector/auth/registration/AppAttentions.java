package org.m365connector.auth.registration;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.m365connector.auth.attention.AttentionKind;
import org.m365connector.auth.attention.Attentions;
import org.m365connector.auth.attention.Concern;
import org.m365connector.auth.permission.Feature;
import org.m365connector.auth.permission.LoginKind;
import org.m365connector.auth.permission.PermissionPlanner;
import org.m365connector.auth.portal.Portal;
import org.m365connector.auth.portal.Portals;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * Tells people of apps that Entra does not accept, and of those whose own tokens lack what their registration's features take.
 * Hears of every grant, and so writes only where something has changed.
 */
@ApplicationScoped
public class AppAttentions {

    private final Portals portals;
    private final Registrations registrations;
    private final Attentions attentions;
    private final Event<AdminConsentGiven> consents;

    AppAttentions(
            Portals portals, Registrations registrations, Attentions attentions, Event<AdminConsentGiven> consents) {
        this.portals = portals;
        this.registrations = registrations;
        this.attentions = attentions;
        this.consents = consents;
    }

    /** Entra does not accept the app, whatever it proves itself with. */
    @Transactional
    public void refused(PortalId portal, RegistrationName name) {
        raise(misconfigured(portal, name), portal, name);
    }

    /** Entra has given tokens to the app, or by it to somebody. */
    @Transactional
    public void accepted(PortalId portal, RegistrationName name) {
        attentions.over(misconfigured(portal, name));
    }

    /**
     * The service account has a new token.
     *
     * @param roles the application permissions in it
     */
    @Transactional
    public void issued(PortalId portal, RegistrationName name, Set<String> roles) {
        if (lacking(portal, name, roles).isEmpty()) {
            accepted(portal, name);
            attentions.over(consentMissing(portal, name));
        } else {
            // The registration first, as everybody locks it who ends the one or the other.
            raiseMissing(portal, name, roles);
            accepted(portal, name);
        }
    }

    /** Registrations of whose service account it was told that it lacks permissions. */
    @Transactional
    public List<RegistrationName> lacking(PortalId portal) {
        return attentions.open(portal, AttentionKind.CONSENT_MISSING).stream()
                .filter(concern -> concern.account().equals(Optional.of(AccountId.SERVICE)))
                .flatMap(concern -> concern.registration().stream())
                .toList();
    }

    /**
     * Less is wanted of the service account than before.
     *
     * @param roles the application permissions in the token that it has
     */
    @Transactional
    public void narrowed(PortalId portal, RegistrationName name, Set<String> roles) {
        if (lacking(portal, name, roles).isEmpty()) {
            attentions.over(consentMissing(portal, name));
        }
    }

    /**
     * Entra has given the app a token that only shows what it has now. Nobody is told of what is lacking, who looks sees it
     * himself; but if somebody had been told of it before, and nothing lacks any more, then the service account needs a new token.
     */
    @Transactional
    public void seen(PortalId portal, RegistrationName name, Set<String> roles) {
        accepted(portal, name);
        if (attentions.isOpen(consentMissing(portal, name))
                && lacking(portal, name, roles).isEmpty()) {
            registrations
                    .lookUp(portal, name)
                    .ifPresent(registration -> consents.fire(new AdminConsentGiven(registration, true)));
        }
    }

    void onConsent(@Observes AdminConsentGiven consent) {
        if (consent.everything()) {
            Registration registration = consent.registration();
            attentions.over(consentMissing(registration.portal(), registration.name()));
        }
    }

    /** Whether Graph's notifications do not come, as sync-service reports. Saying the same again is harmless. */
    @Transactional
    public void notifications(PortalId portal, RegistrationName name, boolean missing) {
        Concern concern = Concern.ofRegistration(portal, name, AttentionKind.NOTIFICATIONS_MISSING);
        if (missing) {
            raise(concern, portal, name);
        } else {
            attentions.over(concern);
        }
    }

    /** Of another app nothing is known yet. */
    void onChanged(@Observes RegistrationChanged change) {
        if (change.otherApp()) {
            Registration registration = change.registration();
            attentions.over(misconfigured(registration.portal(), registration.name()));
            attentions.over(consentMissing(registration.portal(), registration.name()));
        }
    }

    private List<String> lacking(PortalId portal, RegistrationName name, Set<String> roles) {
        return registrations
                .lookUp(portal, name)
                .flatMap(registration ->
                        portals.findByIdOptional(portal.value()).map(known -> lacking(known, registration, roles)))
                .orElse(List.of());
    }

    /** For a feature that the portal is not entitled to nobody need consent. */
    private static List<String> lacking(Portal portal, Registration registration, Set<String> roles) {
        List<String> slugs = registration.features().stream().map(Feature::slug).toList();
        List<String> beyond = portal.entitled().lacking(slugs);
        List<Feature> wanted = registration.features().stream()
                .filter(feature -> !beyond.contains(feature.slug()))
                .toList();
        return PermissionPlanner.planner().missing(wanted, LoginKind.APPLICATION, roles);
    }

    /**
     * Of portal and registration as they are when nobody can change them. Also where it is open: whoever wants less meanwhile, and
     * knows of an older token only, may be about to end it.
     */
    private void raiseMissing(PortalId portal, RegistrationName name, Set<String> roles) {
        Concern consent = consentMissing(portal, name);
        portals.lookUpShared(portal)
                .flatMap(locked -> registrations
                        .lookUpShared(portal, name)
                        .map(registration -> lacking(locked, registration, roles)))
                .ifPresent(lacking -> {
                    if (lacking.isEmpty()) {
                        attentions.over(consent);
                    } else {
                        attentions.raise(consent);
                    }
                });
    }

    /** The registration's row is held until the end, so that whoever removes it ends what is raised here. */
    private void raise(Concern concern, PortalId portal, RegistrationName name) {
        if (attentions.isOpen(concern)) {
            return;
        }
        registrations
                .lookUp(portal, name)
                .flatMap(found -> registrations.findByIdOptional(found.id(), LockModeType.PESSIMISTIC_READ))
                .ifPresent(registration -> attentions.raise(concern));
    }

    private static Concern misconfigured(PortalId portal, RegistrationName name) {
        return Concern.ofRegistration(portal, name, AttentionKind.REGISTRATION_MISCONFIGURED);
    }

    private static Concern consentMissing(PortalId portal, RegistrationName name) {
        return Concern.ofAccount(portal, name, AccountId.SERVICE, AttentionKind.CONSENT_MISSING);
    }
}
