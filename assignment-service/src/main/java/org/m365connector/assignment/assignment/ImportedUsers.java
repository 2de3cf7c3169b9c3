package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import org.m365connector.assignment.user.KnownUsers;
import org.m365connector.events.PortalId;

/** Whom an import names. */
@ApplicationScoped
class ImportedUsers {
    private final KnownUsers users;

    ImportedUsers(KnownUsers users) {
        this.users = users;
    }

    /** Those of them whom the portal has told of at this moment. A connection is held for no longer than that takes. */
    @Transactional(TxType.REQUIRES_NEW)
    Collection<String> known(PortalId portal, Collection<String> named) {
        return users.knownAmong(portal, named);
    }
}
