package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.hibernate.Session;
import org.m365connector.assignment.user.GroupKind;
import org.m365connector.assignment.user.KnownGroups;
import org.m365connector.assignment.user.KnownUsers;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * For whom a shared rule may matter: for a group or role its members, for {@link Principal#DEFAULT} everybody who is known, was known
 * or is named under the registration.
 */
@ApplicationScoped
class AffectedUsers {
    private final KnownUsers users;
    private final KnownGroups groups;
    private final EntityManager entities;

    AffectedUsers(KnownUsers users, KnownGroups groups, EntityManager entities) {
        this.users = users;
        this.groups = groups;
        this.entities = entities;
    }

    /** Whose members, under which registration. */
    record Scope(PortalId portal, RegistrationName registration, Principal principal) {}

    /** The next ones by id, of those after the one and up to the other. */
    List<String> next(Scope scope, String after, Optional<String> upTo, int atMost) {
        var principal = scope.principal();
        return switch (principal.kind()) {
            case GROUP -> users.members(scope.portal(), GroupKind.GROUP, within(scope), after, upTo, atMost);
            case ROLE -> users.members(scope.portal(), GroupKind.ROLE, List.of(principal.id()), after, upTo, atMost);
            case USER, DEFAULT -> everybody(scope, after, upTo, atMost);
        };
    }

    /** How many they are, about. */
    long count(Scope scope) {
        var principal = scope.principal();
        return switch (principal.kind()) {
            case GROUP -> users.countMembers(scope.portal(), GroupKind.GROUP, within(scope));
            case ROLE -> users.countMembers(scope.portal(), GroupKind.ROLE, List.of(principal.id()));
            case USER, DEFAULT ->
                session()
                        .createNativeQuery("""
                                select greatest(
                                  (select count(*) from portal_user where portal_id = :portal),
                                  (select count(*) from effective_assignments
                                   where portal_id = :portal and registration = :registration),
                                  (select count(*) from import_row where import_id = (%s)))""".formatted(TakenImports.ID), Long.class)
                        .setParameter("portal", scope.portal().value())
                        .setParameter("registration", scope.registration().value())
                        .getSingleResult();
        };
    }

    private Collection<String> within(Scope scope) {
        return groups.within(scope.portal(), scope.principal().id());
    }

    private List<String> everybody(Scope scope, String after, Optional<String> upTo, int atMost) {
        var query = session()
                .createNativeQuery(
                        """
                        select id from (
                          (select portal_user id from portal_user
                           where portal_id = :portal and %1$s order by 1 limit :most)
                          union
                          (select portal_user from effective_assignments
                           where portal_id = :portal and registration = :registration and %1$s order by 1 limit :most)
                          union
                          (select principal_id from assignment
                           where portal_id = :portal and registration = :registration and principal_kind = 'USER' and %2$s
                           order by 1 limit :most)
                          union
                          (select id from import_row where import_id = (%4$s) and kind = 'USER' and %3$s
                           order by 1 limit :most)) everybody
                        order by 1 limit :most""".formatted(
                                        between("portal_user", upTo),
                                        between("principal_id", upTo),
                                        between("id", upTo),
                                        TakenImports.ID),
                        String.class)
                .setParameter("portal", scope.portal().value())
                .setParameter("registration", scope.registration().value())
                .setParameter("after", after)
                .setParameter("most", atMost);
        upTo.ifPresent(last -> query.setParameter("upTo", last));
        return query.getResultList();
    }

    private static String between(String column, Optional<String> upTo) {
        return column + " > :after" + (upTo.isPresent() ? " and " + column + " <= :upTo" : "");
    }

    private Session session() {
        return entities.unwrap(Session.class);
    }
}
