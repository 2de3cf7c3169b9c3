package org.m365connector.graphproxy.forward;

import java.util.Optional;
import org.m365connector.access.Caller;
import org.m365connector.events.PortalUser;
import org.m365connector.graphproxy.account.ActingAccount;

/** What has been found out so far of who calls: as much as can be told of a call that is refused on the way. */
final class Inquiry {

    private Caller caller = new Caller.Nobody();
    private Optional<PortalUser> portalUser = Optional.empty();
    private Optional<ActingAccount> account = Optional.empty();

    void isFrom(Caller found) {
        caller = found;
    }

    void isFor(Optional<PortalUser> named) {
        portalUser = named;
    }

    void actsAs(ActingAccount found) {
        account = Optional.of(found);
    }

    Caller caller() {
        return caller;
    }

    Optional<PortalUser> portalUser() {
        return portalUser;
    }

    Optional<ActingAccount> account() {
        return account;
    }
}
