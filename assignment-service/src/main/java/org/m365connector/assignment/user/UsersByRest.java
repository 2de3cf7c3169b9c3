package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
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
    private final RestWords words;
    private final Outbox outbox;
    private final Clock clock;

    UsersByRest(UserService users, RestWords words, Outbox outbox, Clock clock) {
        this.users = users;
        this.words = words;
        this.outbox = outbox;
        this.clock = clock;
    }

    @Transactional
    UserView put(PortalId portal, PortalUser portalUser, UserProfile profile) {
        Event<?> event = event(
                portal,
                PortalUserChanged.TYPE,
                new PortalUserChanged(portalUser, profile.fields(), profile.groups(), profile.roles()));
        users.put(portal, portalUser, profile, words.given(portal, portalUser, event));
        outbox.add(Topics.users(portal), portalUser.value(), event);
        return users.get(portal, portalUser);
    }

    @Transactional
    void remove(PortalId portal, PortalUser portalUser) {
        Event<?> event = event(portal, PortalUserRemoved.TYPE, new PortalUserRemoved(portalUser));
        users.remove(portal, portalUser, words.given(portal, portalUser, event));
        outbox.add(Topics.users(portal), portalUser.value(), event);
    }

    private Event<?> event(PortalId portal, String type, Object data) {
        return Event.of(UUID.randomUUID().toString(), RestWords.source(portal), type, clock.instant(), data);
    }
}
