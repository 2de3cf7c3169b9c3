package org.m365connector.auth.setup;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.util.Optional;
import org.m365connector.auth.login.AdminConsent;
import org.m365connector.auth.registration.RegistrationOutline;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.events.AccountTypes;

/** Where an administrator consents for everybody, as soon as there is something to consent to. */
@ApplicationScoped
class ConsentLinks {

    private final Registrations registrations;
    private final AdminConsent consent;

    ConsentLinks(Registrations registrations, AdminConsent consent) {
        this.registrations = registrations;
        this.consent = consent;
    }

    /** Empty before tenant and client are known, and for personal accounts, which have no administrator. */
    @Transactional
    Optional<URI> of(RegistrationOutline outline) {
        boolean possible = outline.tenantId().isPresent()
                && outline.clientId().isPresent()
                && outline.accountTypes() != AccountTypes.PERSONAL;
        return possible
                ? Optional.of(consent.link(registrations.get(outline.portal(), outline.name())))
                : Optional.empty();
    }
}
