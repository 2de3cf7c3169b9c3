package org.m365connector.assignment.assignment;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

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

    List<Assignment> all(Registration registration) {
        return list(UNDER, portal(registration), name(registration));
    }

    /** All that may matter for one user. */
    List<Assignment> applying(
            Registration registration, PortalUser user, Collection<String> groups, Collection<String> roles) {
        return find(
                        UNDER + """
                                 and (principalKind = ?3
                                or (principalKind = ?4 and principalId = ?5)
                                or (principalKind = ?6 and principalId in ?7)
                                or (principalKind = ?8 and principalId in ?9))""",
                        portal(registration),
                        name(registration),
                        Principal.Kind.DEFAULT,
                        Principal.Kind.USER,
                        user.value(),
                        Principal.Kind.GROUP,
                        groups,
                        Principal.Kind.ROLE,
                        roles)
                .list();
    }

    List<Assignment> page(Registration registration, Optional<Principal.Kind> kind, Optional<UUID> after, int size) {
        var query = new StringBuilder("portalId = :portal and registration = :registration");
        var parameters = new HashMap<String, Object>();
        parameters.put("portal", portal(registration));
        parameters.put("registration", name(registration));
        kind.ifPresent(wanted -> {
            query.append(" and principalKind = :kind");
            parameters.put("kind", wanted);
        });
        after.ifPresent(last -> {
            query.append(" and id > :last");
            parameters.put("last", last);
        });
        return find(query.append(" order by id").toString(), parameters)
                .page(0, size)
                .list();
    }

    void deleteOf(PortalId portal, PortalUser user) {
        delete(
                "portalId = ?1 and principalKind = ?2 and principalId = ?3",
                portal.value(),
                Principal.Kind.USER,
                user.value());
    }

    void deleteAll(Registration registration) {
        delete(UNDER, portal(registration), name(registration));
    }

    private static String portal(Registration registration) {
        return registration.portal().value();
    }

    private static String name(Registration registration) {
        return registration.name().value();
    }
}
