package org.m365connector.assignment.assignment;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;
import org.m365connector.outbox.Consumed;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.Outbox;
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
        var slash = removed.key().indexOf('/');
        try {
            registrations.gone(
                    new PortalId(removed.key().substring(0, slash)),
                    new RegistrationName(removed.key().substring(slash + 1)),
                    version(removed));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new PoisonException("the key is not portal/registration, or the version is not a number");
        }
    }

    private static OptionalLong version(Consumption.Removed removed) {
        var header = removed.raw().headers().lastHeader(Outbox.VERSION_HEADER);
        return header == null
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(new String(header.value(), StandardCharsets.US_ASCII)));
    }
}
