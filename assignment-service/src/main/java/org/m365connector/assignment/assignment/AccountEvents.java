package org.m365connector.assignment.assignment;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.assignment.user.PortalLock;
import org.m365connector.assignment.user.ToldPlaces;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.outbox.Consumed;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.PoisonException;

/** Static accounts that are gone or there again, on {@code m365.accounts}. The accounts of people come and go and concern no assignment. */
@ApplicationScoped
class AccountEvents {
    private final Consumption consumption;
    private final AssignmentService assignments;
    private final KnownAccounts accounts;
    private final PortalLock locks;
    private final ToldPlaces places;
    private final Clock clock;

    AccountEvents(
            Consumption consumption,
            AssignmentService assignments,
            KnownAccounts accounts,
            PortalLock locks,
            ToldPlaces places,
            Clock clock) {
        this.consumption = consumption;
        this.assignments = assignments;
        this.accounts = accounts;
        this.locks = locks;
        this.places = places;
        this.clock = clock;
    }

    @Incoming("accounts")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        if (record.key() != null && record.key().contains("/static:")) {
            var heardAt = clock.instant();
            consumption.process(record, consumed -> told(consumed, heardAt), removed -> erased(removed, heardAt));
        }
    }

    private void told(Consumed consumed, Instant heardAt) {
        var record = consumed.as(AccountRecord.class).data();
        if (record.state() == AccountState.GONE) {
            gone(consumed.raw(), OptionalLong.of(record.version()), heardAt);
        } else {
            var key = Key.of(consumed.key());
            if (key.account().loginMode() == LoginMode.STATIC && isNews(key.portal(), consumed.raw(), heardAt)) {
                assignments.accountIsThere(
                        key.portal(), key.registration(), key.account().name(), record.version());
            }
        }
    }

    private void erased(Consumption.Removed removed, Instant heardAt) {
        gone(removed.raw(), removed.version(), heardAt);
    }

    private void gone(ConsumerRecord<String, byte[]> record, OptionalLong version, Instant heardAt) {
        if (version.isEmpty()) {
            accounts.awaitEnd(record);
        }
        // Read from the beginning, an end may come of an account that has been made again since.
        if (!accounts.isGone(record.key(), version)) {
            return;
        }
        var parts = Key.of(record.key());
        if (parts.account().loginMode() == LoginMode.STATIC && isNews(parts.portal(), record, heardAt)) {
            assignments.accountGone(
                    parts.portal(), parts.registration(), parts.account().name(), version);
        }
    }

    private boolean isNews(PortalId portal, ConsumerRecord<String, byte[]> record, Instant heardAt) {
        locks.share(portal);
        return places.isNews(portal, record, heardAt);
    }

    /** What a record's key says. */
    private record Key(PortalId portal, RegistrationName registration, AccountId account) {
        static Key of(String text) {
            var parts = text.split("/", 3);
            if (parts.length < 3) {
                throw new PoisonException("the key is not portal/registration/account");
            }
            try {
                return new Key(new PortalId(parts[0]), new RegistrationName(parts[1]), new AccountId(parts[2]));
            } catch (IllegalArgumentException e) {
                throw new PoisonException("the key is not portal/registration/account");
            }
        }
    }
}
