package org.m365connector.assignment.assignment;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.outbox.Consumed;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/** What auth-service tells of registrations on {@code m365.registrations}. */
@ApplicationScoped
class RegistrationEvents {
    private final Consumption consumption;
    private final RegistrationService registrations;

    RegistrationEvents(Consumption consumption, RegistrationService registrations) {
        this.consumption = consumption;
        this.registrations = registrations;
    }

    @Incoming("registrations")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        consumption.process(record, this::told, this::erased);
    }

    private void told(Consumed consumed) {
        var record = consumed.as(RegistrationRecord.class).data();
        if (!isWhole(record, consumed.key())) {
            throw new PoisonException("the record lacks something or does not belong to its key");
        }
        registrations.told(record);
    }

    static boolean isWhole(RegistrationRecord record, String key) {
        return record.key().equals(key) && record.state() != null && record.administrator() != null;
    }

    private void erased(Consumption.Removed removed) {
        var version = removed.version();
        var slash = removed.key().indexOf('/');
        try {
            registrations.gone(
                    new PortalId(removed.key().substring(0, slash)),
                    new RegistrationName(removed.key().substring(slash + 1)),
                    version);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new PoisonException("the key is not portal/registration");
        }
    }
}
