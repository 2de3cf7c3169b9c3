package org.m365connector.assignment.user;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
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

    /** Those of them who are known stay what they are until the transaction ends. */
    public void share(PortalId portal, Collection<String> users) {
        session()
                .createNativeQuery("""
                        select portal_user from portal_user
                        where portal_id = :portal and portal_user = any(cast(:users as text[]))
                        order by portal_user for share""", String.class)
                .setParameter("portal", portal.value())
                .setParameter("users", users.toArray(String[]::new))
                .getResultList();
    }

    /** Those of them who are known, by id. */
    public Map<String, KnownUser> find(PortalId portal, Collection<String> users) {
        return session()
                .createNativeQuery("""
                        select * from portal_user
                        where portal_id = :portal and portal_user = any(cast(:users as text[]))""", KnownUser.class)
                .setParameter("portal", portal.value())
                .setParameter("users", users.toArray(String[]::new))
                .getResultList()
                .stream()
                .collect(Collectors.toMap(user -> user.portalUser().value(), Function.identity()));
    }

    /**
     * The next ones, by id, who were told to be in one of these groups, or to hold one of these roles.
     *
     * @param after the last one before them
     * @param upTo the last one that may be among them; empty is any
     */
    public List<String> members(
            PortalId portal, GroupKind kind, Collection<String> ids, String after, Optional<String> upTo, int atMost) {
        var query = session()
                .createNativeQuery(
                        "select portal_user from portal_user where portal_id = :portal and portal_user > :after"
                                + (upTo.isPresent() ? " and portal_user <= :upTo" : "") + " and " + column(kind)
                                + " && cast(:ids as text[]) order by portal_user limit :most",
                        String.class)
                .setParameter("portal", portal.value())
                .setParameter("after", after)
                .setParameter("ids", ids.toArray(String[]::new))
                .setParameter("most", atMost);
        upTo.ifPresent(last -> query.setParameter("upTo", last));
        return query.getResultList();
    }

    public long countMembers(PortalId portal, GroupKind kind, Collection<String> ids) {
        return session()
                .createNativeQuery(
                        "select count(*) from portal_user where portal_id = :portal and " + column(kind)
                                + " && cast(:ids as text[])",
                        Long.class)
                .setParameter("portal", portal.value())
                .setParameter("ids", ids.toArray(String[]::new))
                .getSingleResult();
    }

    void deleteWhoWasToldBefore(Instant moment, PortalId portal) {
        delete("id.portalId = ?1 and changedAt < ?2", portal.value(), moment);
    }

    private static String column(GroupKind kind) {
        return switch (kind) {
            case GROUP -> "member_of";
            case ROLE -> "roles";
        };
    }

    private Session session() {
        return getEntityManager().unwrap(Session.class);
    }
}
