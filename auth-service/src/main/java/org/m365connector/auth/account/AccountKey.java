package org.m365connector.auth.account;

import org.m365connector.events.AccountId;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** An account of a registration of a portal. */
public record AccountKey(PortalId portal, RegistrationName registration, AccountId account) {

    @Override
    public String toString() {
        return AccountRecord.key(portal, registration, account);
    }
}
