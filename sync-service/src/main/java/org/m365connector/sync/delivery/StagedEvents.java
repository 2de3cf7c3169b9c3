package org.m365connector.sync.delivery;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.PortalId;

/** The table of events that wait for their portal. What changes it has locked the portal's delivery. */
@ApplicationScoped
class StagedEvents implements PanacheRepositoryBase<StagedEvent, Long> {

    void add(StagedEvent event) {
        event.turn = count("portal = ?1 and lane = ?2", event.portal, event.lane) == 0;
        persist(event);
    }

    /** It waits no more, and the next of its key has its turn. */
    void remove(StagedEvent event, Instant now) {
        delete(event);
        flush();
        getEntityManager()
                .createNativeQuery("""
                        update staged_event set turn = true, next_attempt_at = :now
                        where id = (select min(id) from staged_event where portal = :portal and lane = :lane)
                          and not turn
                        """)
                .setParameter("now", now)
                .setParameter("portal", event.portal)
                .setParameter("lane", event.lane)
                .executeUpdate();
    }

    /** What came before there was a note of lives came in this one. */
    void noteLife(PortalId portal, long version) {
        update("portalVersion = ?1 where portal = ?2 and portalVersion is null", version, portal.value());
    }

    /** What has come in a life of the portal that ended with this version waits no more; what is next now has its turn. */
    void removeOfLifeUntil(PortalId portal, long end, Instant now) {
        delete("portal = ?1 and portalVersion < ?2", portal.value(), end);
        getEntityManager()
                .createNativeQuery("""
                        update staged_event set turn = true, next_attempt_at = :now
                        where portal = :portal and not turn
                          and id in (select min(id) from staged_event where portal = :portal group by lane)
                        """)
                .setParameter("now", now)
                .setParameter("portal", portal.value())
                .executeUpdate();
    }

    /**
     * What may be offered now, the oldest first. Nothing where the owner's lease could end before a call that begins now: then
     * another might offer what comes behind it at the same time.
     */
    List<StagedEvent> offerable(PortalId portal, String owner, long callMillis, Collection<Long> but, int limit) {
        @SuppressWarnings("unchecked")
        List<StagedEvent> events = getEntityManager()
                .createNativeQuery("""
                        select e.* from staged_event e
                        where e.portal = :portal and e.turn and e.next_attempt_at <= now()
                          and e.id not in (:but)
                          and exists (
                              select 1 from delivery d
                              where d.portal = e.portal and d.lease_owner = :owner
                                and d.lease_expires_at > now() + :call * interval '1 millisecond')
                        order by e.next_attempt_at, e.id limit :limit
                        """, StagedEvent.class)
                .setParameter("portal", portal.value())
                .setParameter("owner", owner)
                .setParameter("call", callMillis)
                .setParameter("but", but.isEmpty() ? List.of(-1L) : but)
                .setParameter("limit", limit)
                .getResultList();
        return events;
    }

    /** When the next one may be offered. */
    Optional<Instant> nextAttempt(PortalId portal) {
        return find("portal = ?1 and turn = true order by nextAttemptAt", portal.value())
                .page(Page.ofSize(1))
                .firstResultOptional()
                .map(StagedEvent::nextAttemptAt);
    }

    List<StagedEvent> after(PortalId portal, long id, int limit) {
        return find("portal = ?1 and id > ?2 order by id", portal.value(), id)
                .page(Page.ofSize(limit))
                .list();
    }

    Optional<Instant> oldest(PortalId portal) {
        return after(portal, 0, 1).stream().map(StagedEvent::stagedAt).findFirst();
    }

    long waiting(PortalId portal) {
        return count("portal", portal.value());
    }

    /** How many wait to be pushed, over all portals. */
    long waitingToBePushed() {
        return ((Number) getEntityManager()
                        .createNativeQuery(
                                "select count(*) from staged_event e join delivery d using (portal) where d.url is not null")
                        .getSingleResult())
                .longValue();
    }

    /** Portals of events that are older. */
    List<PortalId> portalsOfOlder(Instant than) {
        @SuppressWarnings("unchecked")
        List<String> portals = getEntityManager()
                .createNativeQuery("select distinct portal from staged_event where staged_at < :than")
                .setParameter("than", than)
                .getResultList();
        return portals.stream().map(PortalId::new).toList();
    }

    List<StagedEvent> older(PortalId portal, Instant than, int limit) {
        return find("portal = ?1 and stagedAt < ?2 order by id", portal.value(), than)
                .page(Page.ofSize(limit))
                .list();
    }
}
