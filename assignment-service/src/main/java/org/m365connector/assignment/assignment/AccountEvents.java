package org.m365connector.assignment.assignment;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.m365connector.assignment.user.ToldPlaces;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.outbox.Consumed;
import org.m365connector.outbox.Consumption;
import org.m365connector.outbox.Outbox;
import org.m365connector.outbox.PoisonException;

/** Static accounts that are gone or there again, on {@code m365.accounts}. The accounts of people come and go and concern no assignment. */
@ApplicationScoped
class AccountEvents {
    private final Consumption consumption;
    private final AssignmentService assignments;
    private final KnownAccounts accounts;
    private final ToldPlaces places;

    AccountEvents(Consumption consumption, AssignmentService assignments, KnownAccounts accounts, ToldPlaces places) {
        this.consumption = consumption;
        this.assignments = assignments;
        this.accounts = accounts;
        this.places = places;
    }

    @Incoming("accounts")
    @Blocking(ordered = false)
    void on(ConsumerRecord<String, byte[]> record) {
        if (record.key() != null && record.key().contains("/static:")) {
            consumption.process(record, this::told, this::erased);
        }
    }

    private void told(Consumed consumed) {
        var record = consumed.as(AccountRecord.class).data();
        if (record.state() == AccountState.GONE) {
            gone(consumed.raw(), OptionalLong.of(record.version()));
        } else {
            var key = Key.of(consumed.key());
            if (key.account().loginMode() == LoginMode.STATIC && places.isNews(key.portal(), consumed.raw())) {
                assignments.accountIsThere(
                        key.portal(), key.registration(), key.account().name(), record.version());
            }
        }
    }

    private void erased(Consumption.Removed removed) {
        var header = removed.raw().headers().lastHeader(Outbox.VERSION_HEADER);
        try {
            gone(
                    removed.raw(),
                    header == null
                            ? OptionalLong.empty()
                            : OptionalLong.of(Long.parseLong(new String(header.value(), StandardCharsets.US_ASCII))));
        } catch (NumberFormatException e) {
            throw new PoisonException("the version is not a number");
        }
    }

    private void gone(ConsumerRecord<String, byte[]> record, OptionalLong version) {
        if (version.isEmpty()) {
            accounts.awaitEnd(record);
        }
        // Read from the beginning, an end may come of an account that has been made again since.
        if (!accounts.isGone(record.key(), version)) {
            return;
        }
        var parts = Key.of(record.key());
        if (parts.account().loginMode() == LoginMode.STATIC && places.isNews(parts.portal(), record)) {
            assignments.accountGone(
                    parts.portal(), parts.registration(), parts.account().name(), version);
        }
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
