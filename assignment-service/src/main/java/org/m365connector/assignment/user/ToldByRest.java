package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import org.m365connector.assignment.history.Cause;
import org.m365connector.events.Event;
import org.m365connector.events.PortalGroupChanged;
import org.m365connector.events.PortalGroupRemoved;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRoleChanged;
import org.m365connector.events.PortalRoleRemoved;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.PortalUserRemoved;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;

/**
 * What a portal without Kafka tells. Besides taking effect here at once, what it says goes to the portal's users topic, so
 * that auth-service learns it too and a REST call has the same effect as an event.
 */
@ApplicationScoped
class ToldByRest {
    private final UserService users;
    private final GroupService groups;
    private final RestWords words;
    private final Outbox outbox;
    private final Clock clock;

    ToldByRest(UserService users, GroupService groups, RestWords words, Outbox outbox, Clock clock) {
        this.users = users;
        this.groups = groups;
        this.words = words;
        this.outbox = outbox;
        this.clock = clock;
    }

    @Transactional
    UserView put(PortalId portal, PortalUser portalUser, UserProfile profile) {
        var told = new PortalUserChanged(portalUser, profile.fields(), profile.groups(), profile.roles());
        users.put(portal, portalUser, profile, say(portal, portalUser.value(), PortalUserChanged.TYPE, told));
        return users.get(portal, portalUser);
    }

    @Transactional
    void remove(PortalId portal, PortalUser portalUser, Cause cause) {
        var told = new PortalUserRemoved(portalUser);
        users.remove(portal, portalUser, say(portal, portalUser.value(), PortalUserRemoved.TYPE, told), cause);
    }

    @Transactional
    GroupView putGroup(PortalId portal, String id, GroupProfile profile) {
        var told = new PortalGroupChanged(id, profile.name(), Optional.of(profile.priority()), profile.memberOf());
        var word = say(portal, PortalGroupChanged.key(id), PortalGroupChanged.TYPE, told);
        groups.put(portal, GroupKind.GROUP, id, profile, () -> {
            // Under the locks: two calls at once must not close a circle together.
            groups.requireTree(portal, id, profile);
            return word.counts();
        });
        return groups.group(portal, id);
    }

    @Transactional
    void removeGroup(PortalId portal, String id, Cause cause) {
        var word = say(portal, PortalGroupChanged.key(id), PortalGroupRemoved.TYPE, new PortalGroupRemoved(id));
        groups.remove(portal, GroupKind.GROUP, id, word, cause);
    }

    @Transactional
    RoleView putRole(PortalId portal, String id, Optional<String> name) {
        var profile = GroupProfile.ofRole(name);
        var told = new PortalRoleChanged(id, profile.name());
        groups.put(
                portal,
                GroupKind.ROLE,
                id,
                profile,
                say(portal, PortalRoleChanged.key(id), PortalRoleChanged.TYPE, told));
        return groups.role(portal, id);
    }

    @Transactional
    void removeRole(PortalId portal, String id, Cause cause) {
        var word = say(portal, PortalRoleChanged.key(id), PortalRoleRemoved.TYPE, new PortalRoleRemoved(id));
        groups.remove(portal, GroupKind.ROLE, id, word, cause);
    }

    /** Several users at once, in one transaction; sorted, so that two who do this wait for each other and never in a circle. */
    @Transactional
    void putAll(PortalId portal, SortedMap<PortalUser, UserProfile> told) {
        told.forEach((user, profile) -> put(portal, user, profile));
    }

    /** Puts it on its way to the topic; the order there is that of the commits, for the word is taken under the locks. */
    private Word say(PortalId portal, String key, String type, Object data) {
        Event<?> event = Event.of(UUID.randomUUID().toString(), RestWords.source(portal), type, clock.instant(), data);
        var given = words.given(portal, key, event);
        return () -> {
            boolean counts = given.counts();
            outbox.add(Topics.users(portal), key, event);
            return counts;
        };
    }
}
