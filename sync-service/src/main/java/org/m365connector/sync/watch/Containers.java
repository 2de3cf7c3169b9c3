package org.m365connector.sync.watch;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.m365connector.events.PortalId;
import org.m365connector.sync.work.LeaseLostException;

/**
 * The table of containers. Who needs the locks of several has them in one order, or two would wait for each other: the whole's before those
 * of its parts, and what is on one level by its ids.
 */
@ApplicationScoped
public class Containers implements PanacheRepositoryBase<Container, Long> {

    /** By their paths, of those that there are. */
    Map<String, Long> idsOf(PortalId portal, Collection<String> paths) {
        if (paths.isEmpty()) {
            return Map.of();
        }
        @SuppressWarnings("unchecked")
        List<Object[]> rows = getEntityManager()
                .createNativeQuery("select path, id from container where portal = :portal and path in (:paths)")
                .setParameter("portal", portal.value())
                .setParameter("paths", paths)
                .getResultList();
        return rows.stream().collect(Collectors.toMap(row -> (String) row[0], row -> ((Number) row[1]).longValue()));
    }

    /** The same, locked; without having been read before in the transaction, so that they are as they are now. */
    Map<String, Container> lockedOf(PortalId portal, Collection<String> paths) {
        return paths.isEmpty()
                ? Map.of()
                : find("portal = ?1 and path in ?2 order by id", portal.value(), paths)
                        .withLock(LockModeType.PESSIMISTIC_WRITE)
                        .stream()
                        .collect(Collectors.toMap(Container::path, Function.identity()));
    }

    /** The same, locked; without having been read before in the transaction, so that it is as it is now. */
    Optional<Container> lockedOf(PortalId portal, String path) {
        return find("portal = ?1 and path = ?2", portal.value(), path)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
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
                        where id = any(array(
                            select id from container
                            where portal = :portal and kind = :kind and due_at <= now()
                              and (lease_expires_at is null or lease_expires_at < now())
                            for no key update skip locked))
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
     * @param later when the subscription's own container is due: not at once where the notification carries content
     * @return false where there is no such watch any more
     */
    public boolean hinted(String watch, Duration later) {
        return getEntityManager()
                        .createNativeQuery("""
                                with meant as (
                                    select container_id as id from subscription where watch_id = :watch
                                    union
                                    select container_id from watch where id = :watch and container_id is not null),
                                hearing as (
                                    select id from meant
                                    union
                                    select other.id
                                    from container own join container other on other.path = own.path
                                    where own.id = any(array(select id from meant))
                                      and not exists (
                                          select 1 from subscription s
                                          where s.container_id = other.id and s.graph_id is not null))
                                update container c
                                set hints = hints + 1, last_hint_at = now(), follow_ups = 0,
                                    due_at = greatest(
                                        least(
                                            due_at,
                                            now() + case when c.id in (select id from meant) then :later else 0 end
                                                * interval '1 millisecond'),
                                        coalesce(not_before, '-infinity'))
                                where c.id = any(array(
                                    select id from container where id in (select id from hearing)
                                    order by id for no key update))
                                """)
                        .setParameter("watch", watch)
                        .setParameter("later", later.toMillis())
                        .executeUpdate()
                > 0;
    }

    /** The container of the subscription that carries this watch's mark. */
    public Optional<Long> ofMark(String watch) {
        @SuppressWarnings("unchecked")
        List<Number> ids = getEntityManager()
                .createNativeQuery("select container_id from subscription where watch_id = :watch")
                .setParameter("watch", watch)
                .getResultList();
        return ids.stream().findFirst().map(Number::longValue);
    }

    /** Watches have come or gone: where its subscription is not what they want any more, that is looked after now. */
    public void wishesMayHaveChanged(long id) {
        getEntityManager().createNativeQuery("""
                        update subscription s set next_attempt_at = now()
                        where s.container_id = :id and s.attempts = 0
                          and s.rich <> exists (
                              select 1 from watch w
                              where w.container_id = s.container_id and w.rich and w.state <> 'ENDING')
                        """).setParameter("id", id).executeUpdate();
    }

    /**
     * Whether what the subscription with this watch's mark is for has a part of that path that goes on: else it may be new, also where
     * one is there that ends, or is somebody else's.
     */
    public boolean hasPart(String watch, String path) {
        return !getEntityManager()
                .createNativeQuery("""
                        select 1 from container c
                        join watch part on part.container_id = c.id and part.state <> 'ENDING'
                        join watch whole on whole.id = part.parent
                        where c.path = :part and whole.container_id in (
                            select container_id from subscription where watch_id = :watch
                            union
                            select container_id from watch where id = :watch)
                        """)
                .setParameter("watch", watch)
                .setParameter("part", path)
                .getResultList()
                .isEmpty();
    }

    /** A notification names one of the parts. What hears of it is that part, in all portals. */
    public void partHinted(String path) {
        getEntityManager().createNativeQuery("""
                        update container set hints = hints + 1, last_hint_at = now(), follow_ups = 0,
                            due_at = greatest(least(due_at, now()), coalesce(not_before, '-infinity'))
                        where id = any(array(
                            select id from container where path = :part order by id for no key update))
                        """).setParameter("part", path).executeUpdate();
    }

    /** A notification for the whole of which this is known to be a part's. */
    public void partThatKnowsHinted(String watch, String resource) {
        getEntityManager()
                .createNativeQuery("""
                        update container set hints = hints + 1, last_hint_at = now(), follow_ups = 0,
                            due_at = greatest(least(due_at, now()), coalesce(not_before, '-infinity'))
                        where id = any(array(
                            select id from container where id in (
                                select k.container_id from watch part
                                join known_resource k on k.container_id = part.container_id and k.resource_id = :resource
                                where part.parent = :watch and not k.deleted)
                            order by id for no key update))
                        """)
                .setParameter("watch", watch)
                .setParameter("resource", resource)
                .executeUpdate();
    }

    /** A part of theirs is not found: wholes are to look whether it is still in them. */
    public void wholesDue(long part) {
        getEntityManager().createNativeQuery("""
                        update container set hints = hints + 1,
                            due_at = greatest(least(due_at, now()), coalesce(not_before, '-infinity'))
                        where id = any(array(
                            select id from container where id in (
                                select whole.container_id from watch part join watch whole on part.parent = whole.id
                                where part.container_id = :part)
                            order by id for no key update))
                        """).setParameter("part", part).executeUpdate();
    }

    /** Something has changed in these parts of the whole: a round of each as soon as possible. */
    public void partsDue(Container whole, Collection<String> paths) {
        if (paths.isEmpty()) {
            return;
        }
        getEntityManager()
                .createNativeQuery("""
                        update container set hints = hints + 1,
                            due_at = greatest(least(due_at, now()), coalesce(not_before, '-infinity'))
                        where id = any(array(
                            select id from container where portal = :portal and path in (:paths)
                            order by id for no key update))
                        """)
                .setParameter("portal", whole.portal().value())
                .setParameter("paths", paths)
                .executeUpdate();
    }

    /**
     * A round as soon as possible, and another one if one is running; of the parts too of which only this one's subscription
     * tells.
     */
    public void due(long id) {
        // The whole's lock before its parts', as everywhere.
        getEntityManager()
                .createNativeQuery("update container set hints = hints + 1,"
                        + " due_at = greatest(least(due_at, now()), coalesce(not_before, '-infinity')) where id = :id")
                .setParameter("id", id)
                .executeUpdate();
        getEntityManager()
                .createNativeQuery("""
                        update container set hints = hints + 1,
                            due_at = greatest(least(due_at, now()), coalesce(not_before, '-infinity'))
                        where id = any(array(
                            select id from container where id in (
                                select part.container_id from watch part join watch whole on part.parent = whole.id
                                where whole.container_id = :id and whole.kind in (:telling))
                            order by id for no key update))
                        """)
                .setParameter("id", id)
                .setParameter("telling", WatchKind.tellingOfParts())
                .executeUpdate();
    }

    /** The next round is due by then at the latest, unless Graph asked for quiet. */
    public void dueWithin(long id, Duration time) {
        getEntityManager()
                .createNativeQuery("update container set due_at = greatest("
                        + "least(due_at, now() + :time * interval '1 millisecond'), coalesce(not_before, '-infinity'))"
                        + " where id = :id")
                .setParameter("id", id)
                .setParameter("time", time.toMillis())
                .executeUpdate();
    }

    public Container locked(long id) {
        return findById(id, LockModeType.PESSIMISTIC_WRITE);
    }

    public void remove(long id) {
        deleteById(id);
    }
}
