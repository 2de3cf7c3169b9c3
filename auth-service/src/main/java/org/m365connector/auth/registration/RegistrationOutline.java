package org.m365connector.auth.registration;

import java.util.List;
import java.util.Optional;
import org.m365connector.auth.permission.Feature;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * All that there is to say about a registration, draft or complete, without a secret: what its setup is explained and tested with.
 *
 * @param authority login host of its cloud
 * @param graphBaseUrl where its cloud's Graph is called
 * @param redirectUris what has to be entered in Entra
 */
public record RegistrationOutline(
        PortalId portal,
        String portalName,
        RegistrationName name,
        boolean complete,
        String cloud,
        String authority,
        String graphBaseUrl,
        Optional<String> tenantId,
        Optional<String> clientId,
        AccountTypes accountTypes,
        String upnField,
        List<Feature> features,
        PortalUser administrator,
        List<CredentialView> credentials,
        List<String> redirectUris) {}
