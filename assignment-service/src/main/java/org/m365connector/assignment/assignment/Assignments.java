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
        return findByIdOptional(id).filter(found -> found.isUnder(registration.portal(), registration.name()));
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
                .createNativeQuery(
                        "select principal_kind, principal_id, portal_id, registration from assignment where id = :id",
                        Object[].class)
                .setParameter("id", id)
                .getResultStream()
                .filter(row -> row[2].equals(portal.value()) && row[3].equals(registration.value()))
                .map(row -> new Principal(Principal.Kind.valueOf((String) row[0]), (String) row[1]))
                .findFirst();
    }

    /**
     * All that may matter for these users. Each kind for itself, by the whole key: asked for with "or", PostgreSQL may look through all
     * assignments of the registration, which a million make long.
     */
    List<Assignment> applying(
            Registration registration, Collection<String> users, Collection<String> groups, Collection<String> roles) {
        return session()
                .createNativeQuery("""
                        select * from assignment where portal_id = :portal and registration = :registration
                          and principal_kind = 'DEFAULT' and principal_id = ''
                        union all
                        select * from assignment where portal_id = :portal and registration = :registration
                          and principal_kind = 'USER' and principal_id = any (cast(:users as text[]))
                        union all
                        select * from assignment where portal_id = :portal and registration = :registration
                          and principal_kind = 'GROUP' and principal_id = any (cast(:groups as text[]))
                        union all
                        select * from assignment where portal_id = :portal and registration = :registration
                          and principal_kind = 'ROLE' and principal_id = any (cast(:roles as text[]))""", Assignment.class)
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
        // Only what is asked for stands in the query, and so that there is one index that it can go by.
        var under = filter.principalId().isEmpty()
                ? "portal_id || '/' || registration = :portal || '/' || :registration"
                : "portal_id = :portal and registration = :registration and principal_id = :principal"
                        + " and principal_kind in ('USER', 'GROUP', 'ROLE', 'DEFAULT')";
        var query = session()
                .createNativeQuery(
                        "select * from assignment where " + under
                                + (filter.kind().isPresent() ? " and principal_kind = :kind" : "")
                                + (filter.account().isPresent() ? " and accounts @> array[cast(:account as text)]" : "")
                                + " and id > :after order by id limit :size",
                        Assignment.class)
                .setParameter("portal", portal(registration))
                .setParameter("registration", name(registration))
                .setParameter("after", after.orElse(new UUID(0, 0)))
                .setParameter("size", size);
        filter.kind().ifPresent(kind -> query.setParameter("kind", kind.name()));
        filter.principalId().ifPresent(id -> query.setParameter("principal", id));
        filter.account().ifPresent(name -> query.setParameter("account", name.value()));
        return query.getResultList();
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
