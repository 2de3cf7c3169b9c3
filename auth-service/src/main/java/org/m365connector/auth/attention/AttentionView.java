package org.m365connector.auth.attention;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * Something that needs a human, for one who repairs it.
 *
 * @param due when it stops working, where that is known
 * @param affected who notices
 * @param repair what to do
 * @param call the call of this service that begins the repair, where there is one
 */
record AttentionView(
        String id,
        String kind,
        Optional<RegistrationName> registration,
        Optional<AccountName> account,
        Optional<PortalUser> portaluser,
        Optional<String> subject,
        Instant since,
        Optional<Instant> due,
        String title,
        String affected,
        String repair,
        Optional<String> call) {

    static AttentionView of(Attention attention, Locale language) {
        AttentionTexts texts = new AttentionTexts(attention, language);
        return new AttentionView(
                attention.id.toString(),
                attention.kind.slug(),
                attention.registration(),
                attention.account().map(account -> account.name()),
                attention.account().flatMap(account -> account.portalUser()),
                Optional.ofNullable(attention.subject),
                attention.since,
                Optional.ofNullable(attention.due),
                texts.title(),
                texts.affected(),
                texts.repair(),
                texts.call());
    }
}
