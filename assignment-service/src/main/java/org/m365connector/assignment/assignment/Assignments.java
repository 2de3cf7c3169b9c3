package org.m365connector.assignment.assignment;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    /** @param ended accounts that have; an assignment whose default is one of them has as well */
    List<Assignment> page(
            Registration registration, Filter filter, Set<AccountName> ended, Optional<UUID> after, int size) {
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
                                + (ended.isEmpty() ? "" : " and default_account <> all (cast(:ended as text[]))")
                                + " and id > :after order by id limit :size",
                        Assignment.class)
                .setParameter("portal", portal(registration))
                .setParameter("registration", name(registration))
                .setParameter("after", after.orElse(new UUID(0, 0)))
                .setParameter("size", size);
        filter.kind().ifPresent(kind -> query.setParameter("kind", kind.name()));
        filter.principalId().ifPresent(id -> query.setParameter("principal", id));
        filter.account().ifPresent(name -> query.setParameter("account", name.value()));
        if (!ended.isEmpty()) {
            query.setParameter("ended", ended.stream().map(AccountName::value).toArray(String[]::new));
        }
        return query.getResultList();
    }

    /**
     * Whether somebody besides this one may act as that account, also after an import that is on its way. Who asks that takes turns until the transaction ends: the last two
     * must not both be told of each other.
     */
    boolean anotherHolds(Assignment but, Registration registration, AccountName account, Optional<UUID> taken) {
        session()
                .createNativeQuery(
                        "select cast(pg_advisory_xact_lock(hashtextextended(:holders, 0)) as text)", String.class)
                .setParameter("holders", "holders " + portal(registration) + "/" + name(registration) + "/" + account)
                .getResultList();
        return session()
                .createNativeQuery("""
                        select exists (select 1 from assignment a
                          where portal_id = :portal and registration = :registration
                            and accounts @> array[cast(:account as text)] and id <> :but
                            and not exists (%1$s and e.account = a.default_account)
                            and not exists (select 1 from import_row r where r.import_id = cast(:taken as uuid)
                              and r.kind = principal_kind and r.id = principal_id))
                        or exists (select 1 from import_row a where import_id = cast(:taken as uuid)
                          and accounts @> array[cast(:account as text)]
                          and not exists (%1$s and e.account = a.default_account))""".formatted(Endings.UNDER), Boolean.class)
                .setParameter("taken", taken.map(UUID::toString).orElse(null))
                .setParameter("portal", portal(registration))
                .setParameter("registration", name(registration))
                .setParameter("account", account.value())
                .setParameter("but", but.id())
                .getSingleResult();
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
