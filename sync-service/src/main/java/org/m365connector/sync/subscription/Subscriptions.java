package org.m365connector.sync.subscription;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.work.LeaseLostException;

/** The table of subscriptions. */
@ApplicationScoped
class Subscriptions implements PanacheRepositoryBase<KeptSubscription, Long> {

    /** Every container that somebody watches gets a record. */
    void addMissing(int mailMinutes, int teamsMinutes) {
        getEntityManager()
                .createNativeQuery("""
                        insert into subscription (container_id, watch_id, life_minutes, next_attempt_at)
                        select c.id, c.carrier, case c.kind when 'mail-folder' then :mail else :teams end, now()
                        from container c
                        where not exists (select 1 from subscription s where s.container_id = c.id)
                        on conflict do nothing
                        """)
                .setParameter("mail", mailMinutes)
                .setParameter("teams", teamsMinutes)
                .executeUpdate();
    }

    Optional<KeptSubscription> claim(String owner, long leaseMillis) {
        @SuppressWarnings("unchecked")
        List<KeptSubscription> claimed = getEntityManager()
                .createNativeQuery("""
                        update subscription
                        set lease_owner = :owner, lease_expires_at = now() + :lease * interval '1 millisecond'
                        where container_id = (
                            select container_id from subscription
                            where next_attempt_at <= now() and (lease_owner is null or lease_expires_at < now())
                            order by next_attempt_at limit 1 for update skip locked)
                        returning *
                        """, KeptSubscription.class)
                .setParameter("owner", owner)
                .setParameter("lease", leaseMillis)
                .getResultList();
        return claimed.stream().findFirst();
    }

    KeptSubscription owned(long containerId, String owner) {
        KeptSubscription subscription = findByIdOptional(containerId, LockModeType.PESSIMISTIC_WRITE)
                .orElseThrow(() -> new LeaseLostException("subscription of container " + containerId));
        subscription.requireLease(owner);
        return subscription;
    }

    /** Those of these ids of Graph that a container has. */
    Set<String> known(List<String> graphIds) {
        return graphIds.isEmpty()
                ? Set.of()
                : find("graphId in ?1", graphIds).stream()
                        .flatMap(subscription -> subscription.graphId().stream())
                        .collect(Collectors.toSet());
    }

    /** Whether another portal's container of the same path may be getting one just now. */
    boolean anotherIsPosting(Container container) {
        return !getEntityManager()
                .createNativeQuery("""
                        select 1 from subscription s join container c on c.id = s.container_id
                        where c.path = :path and c.id <> :id and s.posted and s.graph_id is null
                        """)
                .setParameter("path", container.path())
                .setParameter("id", container.id())
                .getResultList()
                .isEmpty();
    }

    /** Whether somebody, who lives, may just have been given one by Graph that is not written down yet. */
    boolean anyIsBeingMade() {
        return !getEntityManager()
                .createNativeQuery("select 1 from subscription"
                        + " where posted and graph_id is null and lease_owner is not null and lease_expires_at > now()")
                .setMaxResults(1)
                .getResultList()
                .isEmpty();
    }

    List<KeptSubscription> ofWatch(String watch) {
        return find("watchId", watch).withLock(LockModeType.PESSIMISTIC_WRITE).list();
    }
}
