package org.m365connector.auth.token;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.entra.GrantedPermissions;
import org.m365connector.auth.portal.PortalChanged;
import org.m365connector.auth.registration.AppAttentions;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.RegistrationChanged;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/**
 * Compares what the token of a service account permits with what is wanted of it, once less is wanted: whoever was told that it
 * lacks permissions need not wait for its next token to hear that it does not any more.
 */
@ApplicationScoped
class ServicePermissions {

    private static final Logger LOG = Logger.getLogger(ServicePermissions.class);

    private final AppAttentions apps;
    private final TokenStore store;

    ServicePermissions(AppAttentions apps, TokenStore store) {
        this.apps = apps;
        this.store = store;
    }

    void onRegistrationChanged(@Observes RegistrationChanged change) {
        Registration registration = change.registration();
        // Of another app nothing is known yet.
        if (!change.otherApp() && apps.lacking(registration.portal()).contains(registration.name())) {
            look(registration.portal(), registration.name());
        }
    }

    void onPortalChanged(@Observes PortalChanged change) {
        PortalId portal = change.portal().id();
        apps.lacking(portal).forEach(registration -> look(portal, registration));
    }

    private void look(PortalId portal, RegistrationName name) {
        roles(new AccountKey(portal, name, AccountId.SERVICE)).ifPresent(roles -> apps.narrowed(portal, name, roles));
    }

    private Optional<Set<String>> roles(AccountKey key) {
        try {
            return store.read(key)
                    .flatMap(StoredTokens::access)
                    .flatMap(token -> GrantedPermissions.roles(token.accessToken()));
        } catch (ProblemException e) {
            // The change counts also where this replica lacks the vault's newest key.
            LOG.infof("Permissions of the service account not compared account=%s reason=%s", key, e.getMessage());
            return Optional.empty();
        }
    }
}
