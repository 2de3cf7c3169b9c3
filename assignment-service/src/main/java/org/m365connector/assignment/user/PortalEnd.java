package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.m365connector.events.PortalId;

/** Nothing is known any more of the people of a portal that is gone. */
@ApplicationScoped
public class PortalEnd {
    private static final Instant AFTER_ALL = Instant.parse("9999-01-01T00:00:00Z");

    private static final String IMPORTS = "assignment_import where portal_id = :portal and started_at < :moment";

    /** What is not needed to tell the readers of the end, and may name somebody. */
    private static final List<String> OLDER_THAN_A_MOMENT = List.of(
            "import_row where import_id in (select id from " + IMPORTS + ")",
            "import_removed_user where import_id in (select id from " + IMPORTS + ")",
            IMPORTS,
            "told_place where portal_id = :portal and told_at < :moment");

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
        forgetWhoWasToldBefore(AFTER_ALL, portal, version);
    }

    /**
     * The portal has been onboarded again before its end was read, and may have told of its people since: who was heard of after that
     * moment, by our clock, stays.
     *
     * @param moment in which the end was told
     */
    @Transactional
    public void forgetWhoWasToldBefore(Instant moment, PortalId portal, OptionalLong version) {
        locks.exclude(portal);
        gone.note(portal, version);
        users.deleteWhoWasToldBefore(moment, portal);
        groups.deleteWhatWasToldBefore(moment, portal);
        technicalUsers.endWhoWasDeclaredBefore(moment, portal);
        for (var rows : OLDER_THAN_A_MOMENT) {
            entities.createNativeQuery("delete from " + rows)
                    .setParameter("portal", portal.value())
                    .setParameter("moment", moment)
                    .executeUpdate();
        }
        entities.createNativeQuery("""
                        delete from gone_account where portal_id = :portal and (version is null or version <= :version)""")
                .setParameter("portal", portal.value())
                .setParameter("version", version.orElse(Long.MAX_VALUE))
                .executeUpdate();
        // What is still on its way back to us takes effect in the order in which it comes.
        entities.createNativeQuery("delete from told_by_rest where portal_id = :portal")
                .setParameter("portal", portal.value())
                .executeUpdate();
    }
}
