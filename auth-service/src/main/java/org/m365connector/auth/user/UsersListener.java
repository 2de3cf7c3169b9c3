package org.m365connector.auth.user;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.PortalUserRemoved;
import org.m365connector.outbox.Consumed;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/** Hears what portals tell of their users on {@code portal.<id>.users}. */
@ApplicationScoped
class UsersListener {

    private final Consumption consumption;
    private final PortalUsers users;
    private final Event<UserRemoved> removals;

    UsersListener(Consumption consumption, PortalUsers users, Event<UserRemoved> removals) {
        this.consumption = consumption;
        this.users = users;
        this.removals = removals;
    }

    @Incoming("users")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        consumption.process(record, this::apply, removed -> {
            if (removed.key() != null && isUser(removed.key())) {
                remove(removed.portal().orElseThrow(), new PortalUser(removed.key()));
            }
        });
    }

    private void apply(Consumed consumed) {
        PortalId portal = consumed.portal().orElseThrow(() -> new PoisonException("not a topic of a portal"));
        switch (consumed.event().type()) {
            case PortalUserChanged.TYPE -> {
                PortalUserChanged user = consumed.as(PortalUserChanged.class).data();
                users.store(portal, user.portaluser(), user.fields());
            }
            case PortalUserRemoved.TYPE ->
                remove(portal, consumed.as(PortalUserRemoved.class).data().portaluser());
            default -> {
                // Groups and whatever else the portal tells are not for us.
            }
        }
    }

    private void remove(PortalId portal, PortalUser user) {
        users.remove(portal, user);
        removals.fire(new UserRemoved(portal, user));
    }

    private static boolean isUser(String key) {
        try {
            new PortalUser(key);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
