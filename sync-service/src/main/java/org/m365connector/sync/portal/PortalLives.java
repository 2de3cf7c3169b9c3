package org.m365connector.sync.portal;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.view.Views;

/** In which life a portal is, as {@code m365.portals} says, and one of its registrations, as {@code m365.registrations} does. */
@ApplicationScoped
public class PortalLives {
    private final Views views;

    PortalLives(Views views) {
        this.views = views;
    }

    /** To be noted with what is made for the portal now. Empty where there is no such portal. */
    public Optional<Long> version(PortalId portal) {
        return views.portals().get(portal.value()).map(PortalRecord::version);
    }

    /** To be noted with what is made under the registration now. Empty where there is none of that name. */
    public Optional<Long> version(PortalId portal, RegistrationName registration) {
        return views.registrations()
                .get(RegistrationRecord.key(portal, registration))
                .map(RegistrationRecord::version);
    }
}
