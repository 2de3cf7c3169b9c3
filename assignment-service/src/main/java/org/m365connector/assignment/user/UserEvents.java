package org.m365connector.assignment.user;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.assignment.history.Actor;
import org.m365connector.assignment.history.Cause;
import org.m365connector.events.PortalGroupChanged;
import org.m365connector.events.PortalGroupRemoved;
import org.m365connector.events.PortalRoleChanged;
import org.m365connector.events.PortalRoleRemoved;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.PortalUserRemoved;
import org.m365connector.outbox.Consumed;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/** What portals tell of their users, groups and roles on {@code portal.<id>.users}. */
@ApplicationScoped
class UserEvents {
    private static final String GROUP_KEY = PortalGroupChanged.key("");
    private static final String ROLE_KEY = PortalRoleChanged.key("");

    private final Consumption consumption;
    private final UserService users;
    private final GroupService groups;
    private final RestWords words;
    private final ToldPlaces places;
    private final Clock clock;

    UserEvents(
            Consumption consumption,
            UserService users,
            GroupService groups,
            RestWords words,
            ToldPlaces places,
            Clock clock) {
        this.consumption = consumption;
        this.users = users;
        this.groups = groups;
        this.words = words;
        this.places = places;
        this.clock = clock;
    }

    @Incoming("users")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        var heardAt = clock.instant();
        consumption.process(record, consumed -> told(consumed, heardAt), removed -> erased(removed, heardAt));
    }

    private void told(Consumed consumed, Instant heardAt) {
        var portal = consumed.portal().orElseThrow();
        var heard = words.heard(portal, consumed.key(), consumed.event());
        Word word = () -> places.isNews(portal, consumed.raw(), heardAt) && heard.counts();
        var cause = Cause.of(Actor.portal(portal), consumed.event().type());
        switch (consumed.event().type()) {
            case PortalUserChanged.TYPE -> {
                var told = consumed.as(PortalUserChanged.class).data();
                requireKey(consumed, usable(told.portaluser()).value());
                var profile = profile(() -> new UserProfile(told.fields(), told.groups(), told.roles()));
                users.put(portal, told.portaluser(), profile, word);
            }
            case PortalUserRemoved.TYPE -> {
                var told = consumed.as(PortalUserRemoved.class).data();
                requireKey(consumed, usable(told.portaluser()).value());
                users.remove(portal, told.portaluser(), word, cause);
            }
            case PortalGroupChanged.TYPE -> {
                var told = consumed.as(PortalGroupChanged.class).data();
                requireKey(consumed, PortalGroupChanged.key(usable(told.group())));
                var profile = profile(
                        () -> new GroupProfile(told.name(), told.priority().orElse(0), told.memberOf()));
                groups.put(portal, GroupKind.GROUP, told.group(), profile, word);
            }
            case PortalGroupRemoved.TYPE -> {
                var told = consumed.as(PortalGroupRemoved.class).data();
                requireKey(consumed, PortalGroupChanged.key(usable(told.group())));
                groups.remove(portal, GroupKind.GROUP, told.group(), word, cause);
            }
            case PortalRoleChanged.TYPE -> {
                var told = consumed.as(PortalRoleChanged.class).data();
                requireKey(consumed, PortalRoleChanged.key(usable(told.role())));
                groups.put(portal, GroupKind.ROLE, told.role(), profile(() -> GroupProfile.ofRole(told.name())), word);
            }
            case PortalRoleRemoved.TYPE -> {
                var told = consumed.as(PortalRoleRemoved.class).data();
                requireKey(consumed, PortalRoleChanged.key(usable(told.role())));
                groups.remove(portal, GroupKind.ROLE, told.role(), word, cause);
            }
            default -> throw new PoisonException("an event of this type has no meaning on a topic of users");
        }
    }

    private void erased(Consumption.Removed removed, Instant heardAt) {
        var portal = removed.portal().orElseThrow();
        var key = removed.key();
        var cause = Cause.of(Actor.portal(portal), "tombstone");
        Word word = () -> places.isNews(portal, removed.raw(), heardAt);
        if (key.startsWith(GROUP_KEY)) {
            groups.remove(portal, GroupKind.GROUP, usable(key.substring(GROUP_KEY.length())), word, cause);
        } else if (key.startsWith(ROLE_KEY)) {
            groups.remove(portal, GroupKind.ROLE, usable(key.substring(ROLE_KEY.length())), word, cause);
        } else {
            users.remove(portal, user(key), word, cause);
        }
    }

    private static PortalUser user(String key) {
        try {
            return usable(new PortalUser(key));
        } catch (IllegalArgumentException e) {
            throw new PoisonException("the key is not a portal user's id");
        }
    }

    /** Kafka orders and compacts by the key: two keys for one user would let an old state win over a newer one. */
    private static void requireKey(Consumed consumed, String key) {
        if (!key.equals(consumed.key())) {
            throw new PoisonException("the record's key does not belong to its data");
        }
    }

    private static PortalUser usable(PortalUser user) {
        if (UserService.isReserved(user)) {
            throw new PoisonException("an id like this is not a portal user's");
        }
        return user;
    }

    private static String usable(String group) {
        if (!GroupProfile.isId(group)) {
            throw new PoisonException("that cannot be the id of a group or role");
        }
        return group;
    }

    private static <T> T profile(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new PoisonException(e.getMessage());
        }
    }
}
