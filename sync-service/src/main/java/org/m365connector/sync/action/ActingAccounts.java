package org.m365connector.sync.action;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.view.Views;

/** What the views say of the account that acts. graph-proxy-service decides whether it may. */
@ApplicationScoped
class ActingAccounts {
    private final Views views;

    ActingAccounts(Views views) {
        this.views = views;
    }

    /** By which names Graph knows this account: user principal name and id; none before it has signed in. */
    Set<String> names(PortalId portal, RegistrationName registration, AccountId account) {
        return views.accounts().get(AccountRecord.key(portal, registration, account)).stream()
                .flatMap(record -> Stream.of(record.upn(), record.oid()))
                .flatMap(Optional::stream)
                .collect(Collectors.toSet());
    }

    /** The language that the portal's people read. */
    Locale language(PortalId portal) {
        return views.portals()
                .get(portal.value())
                .map(record -> Locale.forLanguageTag(record.language()))
                .filter(locale -> locale.getLanguage().equals(Locale.GERMAN.getLanguage()))
                .map(german -> Locale.GERMAN)
                .orElse(Locale.ENGLISH);
    }

    /** Empty where none is the default, or nobody has told us yet. */
    Optional<AccountName> byDefault(PortalId portal, RegistrationName registration, PortalUser user) {
        return views.assignments()
                .get(AssignmentsRecord.key(portal, registration, user))
                .map(record -> record.resolve(Optional.empty()))
                .filter(AssignmentsRecord.Resolution.Acting.class::isInstance)
                .map(AssignmentsRecord.Resolution.Acting.class::cast)
                .map(AssignmentsRecord.Resolution.Acting::account);
    }
}
