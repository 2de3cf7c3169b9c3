package org.m365connector.events;

import java.util.List;
import java.util.Optional;

/**
 * State of a registration on {@code m365.registrations}, key {@code portalId/registration}. Holds no credential.
 *
 * @param version rises with every change of this registration
 * @param cloud name of the Microsoft cloud, {@code global} by default
 * @param graphBaseUrl that cloud's Graph without version and trailing slash, {@code https://graph.microsoft.com}
 * @param upnField field of the portal user that holds his user principal name
 * @param administrator the portal user who gets the service account besides his own
 */
public record RegistrationRecord(
        PortalId portalId,
        RegistrationName registration,
        long version,
        String cloud,
        String graphBaseUrl,
        Optional<String> tenantId,
        Optional<String> clientId,
        AccountTypes accountTypes,
        String upnField,
        List<String> features,
        PortalUser administrator,
        RegistrationState state) {

    /** Type of the event that carries this record when the registration has become complete for the first time. */
    public static final String MADE = "registration-made.v1";

    /** Type of the event that carries this record when it begins to end: whoever keeps something at Graph deletes it now. */
    public static final String ENDING = "registration-ending.v1";

    /** Type of the event that carries this record at every other change. */
    public static final String CHANGED = "registration-changed.v1";

    public RegistrationRecord {
        features = features == null ? List.of() : List.copyOf(features);
        tenantId = tenantId == null ? Optional.empty() : tenantId;
        clientId = clientId == null ? Optional.empty() : clientId;
    }

    /** Key on the topic. */
    public String key() {
        return key(portalId, registration);
    }

    public static String key(PortalId portal, RegistrationName registration) {
        return portal + "/" + registration;
    }
}
