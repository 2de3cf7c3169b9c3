package org.m365connector.view;

import java.util.List;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * Of a portal user's assignments only the accounts are kept, and equal ones once: a million users have a handful of
 * different ones. Portal, registration and user stand in the key.
 */
final class PackedAssignments implements Packing<AssignmentsRecord> {
    /** The list that was seen last for each hash: it finds nearly every repetition, and never grows. */
    private final Accounts[] seen = new Accounts[4096];

    private record Accounts(List<AssignmentsRecord.Account> list) {}

    @Override
    public Object pack(String key, AssignmentsRecord value) {
        if (!value.key().equals(key) || value.technicalUser().isPresent()) {
            return value;
        }
        var accounts = new Accounts(value.accounts());
        int slot = Math.floorMod(accounts.hashCode(), seen.length);
        if (!accounts.equals(seen[slot])) {
            seen[slot] = accounts;
        }
        return seen[slot];
    }

    @Override
    public AssignmentsRecord unpack(String key, long version, Object packed) {
        if (packed instanceof AssignmentsRecord whole) {
            return whole;
        }
        int portalEnd = key.indexOf('/');
        int registrationEnd = key.indexOf('/', portalEnd + 1);
        return new AssignmentsRecord(
                new PortalId(key.substring(0, portalEnd)),
                new RegistrationName(key.substring(portalEnd + 1, registrationEnd)),
                new PortalUser(key.substring(registrationEnd + 1)),
                version,
                ((Accounts) packed).list());
    }
}
