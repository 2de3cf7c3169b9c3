package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.m365connector.events.PortalId;

/** Nothing is known any more of the people of a portal that is gone. */
@ApplicationScoped
public class PortalEnd {
    /** What is not needed to tell the readers of the end, and may name somebody. */
    private static final List<String> OF_IMPORTS = List.of("import_row", "import_removed_user");

    private static final List<String> OF_THE_PORTAL =
            List.of("assignment_import", "gone_account", "told_by_rest", "told_place");

    private final KnownUsers users;
    private final KnownGroups groups;
    private final TechnicalUsers technicalUsers;
    private final PortalLock locks;
    private final GonePortals gone;
    private final EntityManager entities;

    PortalEnd(
            KnownUsers users,
            KnownGroups groups,
            TechnicalUsers technicalUsers,
            PortalLock locks,
            GonePortals gone,
            EntityManager entities) {
        this.users = users;
        this.groups = groups;
        this.technicalUsers = technicalUsers;
        this.locks = locks;
        this.gone = gone;
        this.entities = entities;
    }

    /**
     * At once, for somebody of the same id may be told of soon, when the portal is made again: these rows are only deleted, and nobody
     * else needs them. What is worth steps is left to the endings of its registrations.
     *
     * @param version of the end; empty where it had none
     */
    @Transactional
    public void forget(PortalId portal, OptionalLong version) {
        locks.exclude(portal);
        gone.note(portal, version);
        technicalUsers.end(portal, Optional.empty());
        users.deleteAll(portal);
        groups.deleteAll(portal);
        for (var table : OF_IMPORTS) {
            entities.createNativeQuery("delete from " + table
                            + " where import_id in (select id from assignment_import where portal_id = :portal)")
                    .setParameter("portal", portal.value())
                    .executeUpdate();
        }
        for (var table : OF_THE_PORTAL) {
            entities.createNativeQuery("delete from " + table + " where portal_id = :portal")
                    .setParameter("portal", portal.value())
                    .executeUpdate();
        }
    }
}
