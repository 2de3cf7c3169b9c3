package org.m365connector.assignment.user;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.hibernate.Session;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/** The users that portals have told of. Others may read them here; they are changed by {@link UserService} only. */
@ApplicationScoped
public class KnownUsers implements PanacheRepositoryBase<KnownUser, KnownUser.Id> {
    private final Clock clock;

    KnownUsers(Clock clock) {
        this.clock = clock;
    }

    public Optional<KnownUser> find(PortalId portal, PortalUser user) {
        return findByIdOptional(KnownUser.Id.of(portal, user));
    }

    Optional<KnownUser> findLocked(PortalId portal, PortalUser user) {
        return findByIdOptional(KnownUser.Id.of(portal, user), LockModeType.PESSIMISTIC_WRITE);
    }

    /** The row of that user, made if need be, so that two who tell of a new user at once take turns. */
    KnownUser lockedOrNew(PortalId portal, PortalUser user) {
        getEntityManager()
                .createNativeQuery("""
                        insert into portal_user (portal_id, portal_user, fields, member_of, roles, changed_at)
                        values (:portal, :user, '{}', '{}', '{}', :now) on conflict do nothing""")
                .setParameter("portal", portal.value())
                .setParameter("user", user.value())
                .setParameter("now", clock.instant())
                .executeUpdate();
        return findLocked(portal, user).orElseThrow();
    }

    public List<KnownUser> all(PortalId portal) {
        return list("id.portalId = ?1", portal.value());
    }

    public List<KnownUser> membersOfGroup(PortalId portal, String group) {
        return members("member_of", portal, group);
    }

    public List<KnownUser> holdersOfRole(PortalId portal, String role) {
        return members("roles", portal, role);
    }

    private List<KnownUser> members(String column, PortalId portal, String name) {
        return getEntityManager()
                .unwrap(Session.class)
                .createNativeQuery(
                        "select * from portal_user where portal_id = :portal and " + column
                                + " @> array[cast(:name as text)]",
                        KnownUser.class)
                .setParameter("portal", portal.value())
                .setParameter("name", name)
                .getResultList();
    }
}
