package org.m365connector.assignment.assignment;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.Session;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

@ApplicationScoped
class Assignments implements PanacheRepositoryBase<Assignment, UUID> {
    private static final String UNDER = "portalId = ?1 and registration = ?2";

    Optional<Assignment> find(Registration registration, UUID id) {
        return find(UNDER + " and id = ?3", portal(registration), name(registration), id)
                .firstResultOptional();
    }

    Optional<Assignment> of(Registration registration, Principal principal) {
        return find(
                        UNDER + " and principalKind = ?3 and principalId = ?4",
                        portal(registration),
                        name(registration),
                        principal.kind(),
                        principal.id())
                .firstResultOptional();
    }

    /** Whom it is for, which never changes. Nothing of it is kept in the session, so that it is read anew behind the lock. */
    Optional<Principal> principalOf(PortalId portal, RegistrationName registration, UUID id) {
        return session()
                .createNativeQuery("""
                        select principal_kind, principal_id from assignment
                        where portal_id = :portal and registration = :registration and id = :id""", Object[].class)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("id", id)
                .getResultStream()
                .map(row -> new Principal(Principal.Kind.valueOf((String) row[0]), (String) row[1]))
                .findFirst();
    }

    /** All that may matter for these users. */
    List<Assignment> applying(
            Registration registration, Collection<String> users, Collection<String> groups, Collection<String> roles) {
        return session()
                .createNativeQuery("""
                        select * from assignment where portal_id = :portal and registration = :registration and (
                          principal_kind = 'DEFAULT'
                          or (principal_kind = 'USER' and principal_id = any (cast(:users as text[])))
                          or (principal_kind = 'GROUP' and principal_id = any (cast(:groups as text[])))
                          or (principal_kind = 'ROLE' and principal_id = any (cast(:roles as text[]))))""", Assignment.class)
                .setParameter("portal", portal(registration))
                .setParameter("registration", name(registration))
                .setParameter("users", users.toArray(String[]::new))
                .setParameter("groups", groups.toArray(String[]::new))
                .setParameter("roles", roles.toArray(String[]::new))
                .getResultList();
    }

    /** Which ones, by what is the same in all of them. */
    record Filter(Optional<Principal.Kind> kind, Optional<String> principalId, Optional<AccountName> account) {}

    List<Assignment> page(Registration registration, Filter filter, Optional<UUID> after, int size) {
        return session()
                .createNativeQuery("""
                        select * from assignment where portal_id = :portal and registration = :registration
                          and (:everyKind or principal_kind = :kind)
                          and (:everyPrincipal or principal_id = :principal)
                          and (:everyAccount or accounts @> array[cast(:account as text)])
                          and id > :after
                        order by id limit :size""", Assignment.class)
                .setParameter("portal", portal(registration))
                .setParameter("registration", name(registration))
                .setParameter("everyKind", filter.kind().isEmpty())
                .setParameter("kind", filter.kind().map(Enum::name).orElse(""))
                .setParameter("everyPrincipal", filter.principalId().isEmpty())
                .setParameter("principal", filter.principalId().orElse(""))
                .setParameter("everyAccount", filter.account().isEmpty())
                .setParameter(
                        "account", filter.account().map(AccountName::value).orElse(""))
                .setParameter("after", after.orElse(new UUID(0, 0)))
                .setParameter("size", size)
                .getResultList();
    }

    /**
     * Whether somebody besides this one may act as that account. Who asks that takes turns until the transaction ends: the last two
     * must not both be told of each other.
     */
    boolean anotherHolds(Assignment but, Registration registration, AccountName account) {
        session()
                .createNativeQuery(
                        "select cast(pg_advisory_xact_lock(hashtextextended(:holders, 0)) as text)", String.class)
                .setParameter("holders", "holders " + portal(registration) + "/" + name(registration) + "/" + account)
                .getResultList();
        return session()
                .createNativeQuery("""
                        select exists (select 1 from assignment
                          where portal_id = :portal and registration = :registration
                            and accounts @> array[cast(:account as text)] and id <> :but)""", Boolean.class)
                .setParameter("portal", portal(registration))
                .setParameter("registration", name(registration))
                .setParameter("account", account.value())
                .setParameter("but", but.id())
                .getSingleResult();
    }

    /** Those for that principal, under whichever registration. */
    List<Assignment> of(PortalId portal, Principal principal) {
        return list(
                "portalId = ?1 and principalKind = ?2 and principalId = ?3",
                portal.value(),
                principal.kind(),
                principal.id());
    }

    /** Those whose default that account is. */
    List<UUID> idsWithDefault(Registration registration, AccountName account) {
        return session()
                .createNativeQuery("""
                        select id from assignment
                        where portal_id = :portal and registration = :registration and default_account = :account""", UUID.class)
                .setParameter("portal", portal(registration))
                .setParameter("registration", name(registration))
                .setParameter("account", account.value())
                .getResultList();
    }

    /** Takes the account out of those where it is not the default. */
    List<UUID> withdraw(Registration registration, AccountName account, Instant now) {
        return session()
                .createNativeQuery("""
                        update assignment set accounts = array_remove(accounts, cast(:account as text)),
                          narrowing = narrowing - cast(:account as text), version = version + 1, changed_at = :now
                        where portal_id = :portal and registration = :registration
                          and accounts @> array[cast(:account as text)] and default_account <> :account
                        returning id""", UUID.class)
                .setParameter("portal", portal(registration))
                .setParameter("registration", name(registration))
                .setParameter("account", account.value())
                .setParameter("now", now)
                .getResultList();
    }

    void deleteAll(Collection<UUID> ids) {
        session()
                .createNativeMutationQuery("delete from assignment where id = any (cast(:ids as uuid[]))")
                .setParameter("ids", ids.stream().map(UUID::toString).toArray(String[]::new))
                .executeUpdate();
    }

    void deleteAll(Registration registration) {
        delete(UNDER, portal(registration), name(registration));
    }

    private Session session() {
        return getEntityManager().unwrap(Session.class);
    }

    private static String portal(Registration registration) {
        return registration.portal().value();
    }

    private static String name(Registration registration) {
        return registration.name().value();
    }
}
