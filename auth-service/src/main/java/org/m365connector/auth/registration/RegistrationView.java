package org.m365connector.auth.registration;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationState;

/**
 * A registration as the API shows it.
 *
 * @param redirectUris what has to be entered in Entra
 */
record RegistrationView(
        PortalId portal,
        RegistrationName name,
        RegistrationState state,
        String cloud,
        Optional<String> tenantId,
        Optional<String> clientId,
        AccountTypes accountTypes,
        String upnField,
        List<String> features,
        PortalUser administrator,
        List<CredentialView> credentials,
        List<String> redirectUris,
        Instant createdAt) {}
