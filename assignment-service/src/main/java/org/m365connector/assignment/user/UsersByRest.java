package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.time.Clock;
import java.util.UUID;
import org.m365connector.events.Event;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.PortalUserRemoved;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;

/**
 * Users that a portal without Kafka tells of. Besides taking effect here at once, what it says goes to the portal's users topic,
 * so that auth-service learns it too and a REST call has the same effect as an event.
 */
@ApplicationScoped
class UsersByRest {
    private final UserService users;
    private final Outbox outbox;
    private final Clock clock;

    UsersByRest(UserService users, Outbox outbox, Clock clock) {
        this.users = users;
        this.outbox = outbox;
        this.clock = clock;
    }

    @Transactional
    UserView put(PortalId portal, PortalUser portalUser, UserProfile profile) {
        UserView view = users.put(portal, portalUser, profile);
        tell(
                portal,
                portalUser,
                PortalUserChanged.TYPE,
                new PortalUserChanged(portalUser, profile.fields(), profile.groups(), profile.roles()));
        return view;
    }

    @Transactional
    void remove(PortalId portal, PortalUser portalUser) {
        users.remove(portal, portalUser);
        tell(portal, portalUser, PortalUserRemoved.TYPE, new PortalUserRemoved(portalUser));
    }

    private void tell(PortalId portal, PortalUser portalUser, String type, Object data) {
        URI source = URI.create("/m365/" + portal + "/assignment");
        outbox.add(
                Topics.users(portal),
                portalUser.value(),
                Event.of(UUID.randomUUID().toString(), source, type, clock.instant(), data));
    }
}
