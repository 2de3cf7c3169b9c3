package org.m365connector.sync.watch;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.PortalId;
import org.m365connector.sync.work.LeaseLostException;

/** The table of containers. */
@ApplicationScoped
public class Containers implements PanacheRepositoryBase<Container, Long> {

    Optional<Container> of(PortalId portal, String path) {
        return find("portal = ?1 and path = ?2", portal.value(), path).firstResultOptional();
    }

    /** Gives a container for which a round is due, by a hint or by time, to {@code owner}. */
    public Optional<Container> claim(String owner, long leaseMillis) {
        @SuppressWarnings("unchecked")
        List<Container> claimed = getEntityManager()
                .createNativeQuery("""
                        update container
                        set lease_owner = :owner, lease_expires_at = now() + :lease * interval '1 millisecond'
                        where id = (
                            select id from container
                            where due_at <= now() and (lease_owner is null or lease_expires_at < now())
                            order by due_at limit 1 for update skip locked)
                        returning *
                        """, Container.class)
                .setParameter("owner", owner)
                .setParameter("lease", leaseMillis)
                .getResultList();
        return claimed.stream().findFirst();
    }

    /** Everything of that kind that is due for that portal and that nobody is at: no round now. */
    public void postpone(PortalId portal, WatchKind kind, String why, Instant again) {
        getEntityManager()
                .createNativeQuery("""
                        update container set problem = :why, due_at = :again
                        where portal = :portal and kind = :kind and due_at <= now()
                          and (lease_expires_at is null or lease_expires_at < now())
                        """)
                .setParameter("why", why)
                .setParameter("again", again)
                .setParameter("portal", portal.value())
                .setParameter("kind", kind.word())
                .executeUpdate();
    }

    /** The row, locked, provided that its lease is still the owner's. */
    public Container owned(long id, String owner) {
        Container container = findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE)
                .orElseThrow(() -> new LeaseLostException("container " + id));
        container.requireLease(owner);
        return container;
    }

    /**
     * A notification has come for the subscription that carries this watch's mark. Another portal's container of the same path
     * hears of it too where it has no subscription of its own, for Graph may allow one only.
     *
     * @return false where there is no such watch any more
     */
    public boolean hinted(String watch) {
        return getEntityManager()
                        .createNativeQuery("""
                                with meant as (
                                    select container_id as id from subscription where watch_id = :watch
                                    union select container_id from watch where id = :watch)
                                update container c
                                set hints = hints + 1, last_hint_at = now(), follow_ups = 0,
                                    due_at = greatest(least(due_at, now()), coalesce(not_before, '-infinity'))
                                where c.id in (select id from meant)
                                   or (c.path in (select path from container where id in (select id from meant))
                                       and not exists (
                                           select 1 from subscription s
                                           where s.container_id = c.id and s.graph_id is not null))
                                """)
                        .setParameter("watch", watch)
                        .executeUpdate()
                > 0;
    }

    /** A round as soon as possible, and another one if one is running. */
    public void due(long id) {
        getEntityManager()
                .createNativeQuery("update container set hints = hints + 1,"
                        + " due_at = greatest(least(due_at, now()), coalesce(not_before, '-infinity')) where id = :id")
                .setParameter("id", id)
                .executeUpdate();
    }

    public Container locked(long id) {
        return findById(id, LockModeType.PESSIMISTIC_WRITE);
    }

    public void remove(long id) {
        deleteById(id);
    }
}
