package org.m365connector.assignment.user;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.PortalUserRemoved;
import org.m365connector.outbox.Consumed;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/** What portals tell of their users on {@code portal.<id>.users}. */
@ApplicationScoped
class UserEvents {
    private final Consumption consumption;
    private final UserService users;
    private final RestWords words;

    UserEvents(Consumption consumption, UserService users, RestWords words) {
        this.consumption = consumption;
        this.users = users;
        this.words = words;
    }

    @Incoming("users")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        consumption.process(record, this::told, this::erased);
    }

    private void told(Consumed consumed) {
        var portal = consumed.portal().orElseThrow();
        switch (consumed.event().type()) {
            case PortalUserChanged.TYPE -> changed(portal, consumed);
            case PortalUserRemoved.TYPE -> removed(portal, consumed);
            default -> throw new PoisonException("an event of this type has no meaning on a topic of users");
        }
    }

    private void changed(PortalId portal, Consumed consumed) {
        var told = consumed.as(PortalUserChanged.class).data();
        requireKey(consumed, told.portaluser());
        users.put(portal, told.portaluser(), profile(told), words.heard(portal, told.portaluser(), consumed.event()));
    }

    private void removed(PortalId portal, Consumed consumed) {
        var told = consumed.as(PortalUserRemoved.class).data();
        requireKey(consumed, told.portaluser());
        users.remove(portal, told.portaluser(), words.heard(portal, told.portaluser(), consumed.event()));
    }

    private void erased(Consumption.Removed removed) {
        try {
            users.remove(removed.portal().orElseThrow(), usable(new PortalUser(removed.key())), Word.LAST);
        } catch (IllegalArgumentException e) {
            throw new PoisonException("the key is not a portal user's id");
        }
    }

    /** Kafka orders and compacts by the key: two keys for one user would let an old state win over a newer one. */
    private static void requireKey(Consumed consumed, PortalUser user) {
        if (!usable(user).value().equals(consumed.key())) {
            throw new PoisonException("the record's key is not the portal user of its data");
        }
    }

    private static PortalUser usable(PortalUser user) {
        if (user.equals(AssignmentsRecord.DEFAULT)) {
            throw new PoisonException("the id \"default\" is not a portal user's");
        }
        return user;
    }

    private static UserProfile profile(PortalUserChanged told) {
        try {
            return new UserProfile(told.fields(), told.groups(), told.roles());
        } catch (IllegalArgumentException e) {
            throw new PoisonException(e.getMessage());
        }
    }
}
