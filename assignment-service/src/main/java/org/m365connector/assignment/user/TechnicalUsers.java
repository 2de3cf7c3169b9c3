package org.m365connector.assignment.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.Session;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;

/** Whom processes without a user run as, one for each portal at most. */
@ApplicationScoped
public class TechnicalUsers {
    private final EntityManager entities;

    TechnicalUsers(EntityManager entities) {
        this.entities = entities;
    }

    public Optional<PortalUser> find(PortalId portal) {
        List<String> found = entities.unwrap(Session.class)
                .createNativeQuery("select portal_user from technical_user where portal_id = :portal", String.class)
                .setParameter("portal", portal.value())
                .getResultList();
        return found.stream().findFirst().map(PortalUser::new);
    }

    void declare(PortalId portal, PortalUser user, Instant now) {
        entities.createNativeQuery("""
                        insert into technical_user (portal_id, portal_user, declared_at) values (:portal, :user, :now)
                        on conflict (portal_id) do update
                            set portal_user = excluded.portal_user, declared_at = excluded.declared_at""")
                .setParameter("portal", portal.value())
                .setParameter("user", user.value())
                .setParameter("now", now)
                .executeUpdate();
    }

    /**
     * Whoever was declared before that moment, also if the portal has told of him since: nobody has said since that processes run as him. And
     * whoever the portal has not told of.
     */
    void endWhoWasDeclaredBefore(Instant moment, PortalId portal) {
        entities.createNativeQuery("""
                        delete from technical_user where portal_id = :portal and (declared_at < :moment or portal_user not in
                            (select known.portal_user from portal_user known where known.portal_id = :portal))""")
                .setParameter("portal", portal.value())
                .setParameter("moment", moment)
                .executeUpdate();
    }

    /**
     * @param only if it is this one; whoever it is where this is empty
     * @return whether there was one
     */
    boolean end(PortalId portal, Optional<PortalUser> only) {
        return entities.createNativeQuery("""
                        delete from technical_user
                        where portal_id = :portal and (:whoever or portal_user = :user)""")
                        .setParameter("portal", portal.value())
                        .setParameter("whoever", only.isEmpty())
                        .setParameter("user", only.map(PortalUser::value).orElse(""))
                        .executeUpdate()
                > 0;
    }
}
