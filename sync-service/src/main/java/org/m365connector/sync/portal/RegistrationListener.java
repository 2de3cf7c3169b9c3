package org.m365connector.sync.portal;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/** Registrations that are removed, each end by itself as with {@link PortalListener}: one of the same name may be made soon. */
@ApplicationScoped
class RegistrationListener {
    private final Consumption consumption;
    private final Event<RegistrationEnded> ends;

    RegistrationListener(Consumption consumption, Event<RegistrationEnded> ends) {
        this.consumption = consumption;
        this.ends = ends;
    }

    @Incoming("registrations")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            consumption.process(record, consumed -> {}, this::removed);
        }
    }

    /** Without a version nobody can say what is of before: it goes where the registration is missed. */
    private void removed(Consumption.Removed removed) {
        removed.version()
                .ifPresent(version -> ends.fire(ended(
                        removed.key(),
                        version,
                        Instant.ofEpochMilli(removed.raw().timestamp()))));
    }

    private static RegistrationEnded ended(String key, long version, Instant at) {
        int slash = key.indexOf('/');
        try {
            return new RegistrationEnded(
                    new PortalId(key.substring(0, slash)), new RegistrationName(key.substring(slash + 1)), version, at);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new PoisonException("the key is not portal/registration");
        }
    }
}
