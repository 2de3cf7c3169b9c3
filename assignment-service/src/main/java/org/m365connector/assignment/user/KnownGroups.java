package org.m365connector.assignment.user;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.hibernate.Session;
import org.m365connector.events.PortalId;

/** The groups and roles that portals have told of. Others may read them here; they are changed by {@link GroupService} only. */
@ApplicationScoped
public class KnownGroups implements PanacheRepositoryBase<KnownGroup, KnownGroup.Id> {
    private static final String UPWARDS = """
            with recursive up (id, level) as (
              select unnest(cast(:groups as text[])), 0
              union
              select parent, up.level + 1
              from up
              join portal_group g on g.portal_id = :portal and g.kind = 'GROUP' and g.id = up.id
              cross join unnest(g.member_of) parent
              where up.level < :levels)
            select g.* from portal_group g
            where g.portal_id = :portal and g.kind = 'GROUP' and g.id in (select id from up)""";

    private static final String DOWNWARDS = """
            with recursive down (id, level) as (
              select cast(:group as text), 0
              union
              select g.id, down.level + 1
              from down
              join portal_group g on g.portal_id = :portal and g.kind = 'GROUP' and g.member_of @> array[down.id]
              where down.level < :levels)
            """;

    Optional<KnownGroup> find(PortalId portal, GroupKind kind, String id) {
        return findByIdOptional(KnownGroup.Id.of(portal, kind, id));
    }

    Optional<KnownGroup> findLocked(PortalId portal, GroupKind kind, String id) {
        return findByIdOptional(KnownGroup.Id.of(portal, kind, id), LockModeType.PESSIMISTIC_WRITE);
    }

    /** As much of the portal's nesting as matters for who is in one of these groups. */
    public Nesting nesting(PortalId portal, Collection<String> groups) {
        var found = groups.isEmpty()
                ? List.<KnownGroup>of()
                : session()
                        .createNativeQuery(UPWARDS, KnownGroup.class)
                        .setParameter("groups", groups.toArray(String[]::new))
                        .setParameter("portal", portal.value())
                        .setParameter("levels", Nesting.MOST_LEVELS)
                        .getResultList();
        return new Nesting(found.stream()
                .collect(Collectors.toMap(
                        KnownGroup::group, group -> new Nesting.Group(group.priority(), group.memberOf()))));
    }

    /** The group itself and all groups that lie in it: whoever is in one of these is in it. */
    public List<String> within(PortalId portal, String group) {
        return session()
                .createNativeQuery(DOWNWARDS + "select distinct id from down", String.class)
                .setParameter("group", group)
                .setParameter("portal", portal.value())
                .setParameter("levels", Nesting.MOST_LEVELS)
                .getResultList();
    }

    /** How many levels of groups lie in this one. */
    int levelsBelow(PortalId portal, String group) {
        return session()
                .createNativeQuery(DOWNWARDS + "select max(level) from down", Integer.class)
                .setParameter("group", group)
                .setParameter("portal", portal.value())
                .setParameter("levels", Nesting.MOST_LEVELS)
                .getSingleResult();
    }

    /** Whether the portal has told of it, or of somebody who belongs to it. */
    public boolean isKnown(PortalId portal, GroupKind kind, String id) {
        var column = kind == GroupKind.GROUP ? "member_of" : "roles";
        return find(portal, kind, id).isPresent()
                || session()
                        .createNativeQuery(
                                "select exists (select 1 from portal_user where portal_id = :portal and " + column
                                        + " @> array[cast(:id as text)])",
                                Boolean.class)
                        .setParameter("portal", portal.value())
                        .setParameter("id", id)
                        .getSingleResult();
    }

    void deleteWhatWasToldBefore(Instant moment, PortalId portal) {
        delete("id.portalId = ?1 and changedAt < ?2", portal.value(), moment);
    }

    private Session session() {
        return getEntityManager().unwrap(Session.class);
    }
}
