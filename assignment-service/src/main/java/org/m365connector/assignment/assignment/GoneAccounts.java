package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.hibernate.Session;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * The static accounts that have been taken out of all assignments. Written by who takes them out, who has the registration alone: behind
 * its lock this is sure, other than what a view has heard so far.
 */
@ApplicationScoped
class GoneAccounts {
    private final EntityManager entities;

    GoneAccounts(EntityManager entities) {
        this.entities = entities;
    }

    void note(PortalId portal, RegistrationName registration, AccountName account, OptionalLong version) {
        entities.createNativeQuery("""
                        insert into gone_account (portal_id, registration, account, version)
                        values (:portal, :registration, :account, cast(:version as bigint))
                        on conflict (portal_id, registration, account) do update set version = excluded.version""")
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("account", account.value())
                .setParameter("version", version.isPresent() ? Long.toString(version.getAsLong()) : null)
                .executeUpdate();
    }

    /** There is one of that name again, or still, as of that version. */
    void isThere(PortalId portal, RegistrationName registration, AccountName account, long version) {
        entities.createNativeQuery("""
                        delete from gone_account where portal_id = :portal and registration = :registration
                        and account = :account and (version is null or version < :version)""")
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("account", account.value())
                .setParameter("version", version)
                .executeUpdate();
    }

    /** Each with the version of the record that told of its end; without one it is not known what is newer. */
    Map<AccountName, OptionalLong> under(PortalId portal, RegistrationName registration) {
        var gone = new HashMap<AccountName, OptionalLong>();
        entities.unwrap(Session.class)
                .createNativeQuery(
                        "select account, version from gone_account where portal_id = :portal and registration = :registration",
                        Object[].class)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .getResultList()
                .forEach(row -> gone.put(
                        new AccountName((String) row[0]),
                        row[1] == null ? OptionalLong.empty() : OptionalLong.of(((Number) row[1]).longValue())));
        return gone;
    }
}
