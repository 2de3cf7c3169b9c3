package org.m365connector.auth.registration;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import org.hibernate.Session;

/** The credentials of all registrations. */
@ApplicationScoped
class Credentials implements PanacheRepositoryBase<Credential, String> {

    /** In the order in which they are tried. */
    List<Credential> of(Registration registration) {
        return list("registrationId", Sort.by("position", "createdAt", "id"), registration.id());
    }

    /** Those that end first, and behind them those that have ended since then. */
    List<Credential> endingFirst(Instant now, Instant endedSince, int most) {
        return find(
                        "expiresAt > ?2 order by case when expiresAt > ?1 then 0 else 1 end, expiresAt, id",
                        now,
                        endedSince)
                .page(0, most)
                .list();
    }

    /**
     * Ids of those that have come as near to their end as that stage, while nobody has been told of it, in the order of the ids.
     * What was told stands in the attentions that are open.
     *
     * @param after where the part before ended
     */
    List<String> untold(ExpiryStage stage, Instant now, String after, int most) {
        return getEntityManager()
                .unwrap(Session.class)
                .createNativeQuery("""
                        select c.id
                        from credential c join registration r on r.id = c.registration_id
                        where c.expires_at <= :reach and c.id > :after
                          and not exists (
                              select from attention a
                              where a.portal_id = r.portal_id and a.registration = r.name and a.subject = c.id
                                and a.kind in ('CREDENTIAL_EXPIRING', 'CREDENTIAL_EXPIRED') and a.urgency >= :urgency)
                        order by c.id
                        limit :most""", String.class)
                .setParameter("reach", stage.reach(now))
                .setParameter("after", after)
                .setParameter("urgency", stage.urgency())
                .setParameter("most", most)
                .list();
    }
}
