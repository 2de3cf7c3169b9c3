package org.m365connector.auth.registration;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Optional;
import org.m365connector.auth.portal.Portals;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Registrations for those who explain and test them. */
@ApplicationScoped
public class RegistrationOutlines {

    private final Portals portals;
    private final Registrations registrations;
    private final Credentials credentials;
    private final Clouds clouds;
    private final LoginUrls urls;

    RegistrationOutlines(
            Portals portals, Registrations registrations, Credentials credentials, Clouds clouds, LoginUrls urls) {
        this.portals = portals;
        this.registrations = registrations;
        this.credentials = credentials;
        this.clouds = clouds;
        this.urls = urls;
    }

    @Transactional
    public RegistrationOutline get(PortalId portal, RegistrationName name) {
        Registration registration = registrations.get(portal, name);
        Clouds.Cloud cloud = clouds.get(registration.cloud);
        return new RegistrationOutline(
                portal,
                portals.get(portal).name(),
                name,
                registration.isComplete(),
                registration.cloud,
                cloud.authority(),
                cloud.graphBaseUrl(),
                Optional.ofNullable(registration.tenantId),
                Optional.ofNullable(registration.clientId),
                registration.accountTypes(),
                registration.upnField(),
                registration.features(),
                new org.m365connector.events.PortalUser(registration.administrator),
                credentials.of(registration).stream().map(Credential::view).toList(),
                urls.redirectUris());
    }
}
