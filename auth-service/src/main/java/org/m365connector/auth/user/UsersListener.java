package org.m365connector.auth.user;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.auth.portal.PortalRemovals;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.PortalUserChanged;
import org.m365connector.events.PortalUserRemoved;
import org.m365connector.outbox.Consumed;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/** Hears what portals tell of their users on {@code portal.<id>.users}. Of a portal that has been removed nothing counts. */
@ApplicationScoped
class UsersListener {

    private final Consumption consumption;
    private final PortalRemovals removedPortals;
    private final ToldPlaces places;
    private final PortalUsers users;
    private final Event<UserRemoved> removals;

    UsersListener(
            Consumption consumption,
            PortalRemovals removedPortals,
            ToldPlaces places,
            PortalUsers users,
            Event<UserRemoved> removals) {
        this.consumption = consumption;
        this.removedPortals = removedPortals;
        this.places = places;
        this.users = users;
        this.removals = removals;
    }

    @Incoming("users")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        consumption.process(record, this::apply, removed -> {
            if (removed.key() != null && isUser(removed.key())) {
                remove(removed.portal().orElseThrow(), new PortalUser(removed.key()), removed.raw());
            }
        });
    }

    private void apply(Consumed consumed) {
        PortalId portal = consumed.portal().orElseThrow(() -> new PoisonException("not a topic of a portal"));
        switch (consumed.event().type()) {
            case PortalUserChanged.TYPE -> {
                PortalUserChanged user = consumed.as(PortalUserChanged.class).data();
                if (counts(portal, user.portaluser(), consumed.raw())) {
                    users.store(portal, user.portaluser(), user.fields());
                }
            }
            case PortalUserRemoved.TYPE ->
                remove(portal, consumed.as(PortalUserRemoved.class).data().portaluser(), consumed.raw());
            default -> {
                // Groups and whatever else the portal tells are not for us.
            }
        }
    }

    private void remove(PortalId portal, PortalUser user, ConsumerRecord<String, byte[]> record) {
        if (counts(portal, user, record)) {
            users.remove(portal, user);
            removals.fire(new UserRemoved(portal, user));
        }
    }

    private boolean counts(PortalId portal, PortalUser user, ConsumerRecord<String, byte[]> record) {
        return !removedPortals.isRemoved(portal) && places.isNews(portal, user, record);
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
