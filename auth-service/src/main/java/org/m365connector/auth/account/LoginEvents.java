package org.m365connector.auth.account;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import org.m365connector.events.Event;
import org.m365connector.events.PortalUser;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;

/** What a portal is told of logins, on {@code portal.<id>.logins}. */
@ApplicationScoped
public class LoginEvents {

    private final Outbox outbox;
    private final Clock clock;

    LoginEvents(Outbox outbox, Clock clock) {
        this.outbox = outbox;
        this.clock = clock;
    }

    /** @param id what makes this happening unique for the account */
    public void tell(AccountKey key, String type, String id, Object data) {
        Optional<PortalUser> user = key.account().portalUser();
        Event<Object> event = Event.<Object>of(
                        key + "/" + id, URI.create("/m365/" + key.portal() + "/auth"), type, clock.instant(), data)
                .withExtension(Event.REGISTRATION, key.registration().value())
                .withExtension(Event.ACCOUNT, key.account().name().value());
        outbox.add(
                Topics.logins(key.portal()),
                user.map(PortalUser::value).orElseGet(() -> key.account().value()),
                user.map(value -> event.withExtension(Event.PORTAL_USER, value.value()))
                        .orElse(event));
    }
}
