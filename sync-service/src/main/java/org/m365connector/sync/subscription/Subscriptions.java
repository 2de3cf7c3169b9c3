package org.m365connector.sync.subscription;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Query;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.m365connector.sync.watch.Container;
import org.m365connector.sync.watch.WatchKind;
import org.m365connector.sync.work.LeaseLostException;

/** The table of subscriptions. */
@ApplicationScoped
class Subscriptions implements PanacheRepositoryBase<KeptSubscription, Long> {
    private static final int ASKED_AT_ONCE = 1_000;

    private static final String ADD = """
            insert into subscription (container_id, watch_id, life_minutes, next_attempt_at)
            select c.id, c.carrier,
                case when c.kind in (:ofTeams) then :teams when c.kind = :driveKind then :drive else :mail end,
                now()
            from container c
            where c.kind not in (:told) and c.gone_since is null
              and exists (
                  select 1 from watch w left join watch whole on whole.id = w.parent
                  where w.container_id = c.id and w.state <> 'ENDING'
                    and (whole.kind is null or whole.kind not in (:telling)))
            """;

    /** Of a container {@code c}. */
    private static final String ANOTHER_HEARS = """
            exists (
                select 1 from container same join subscription heard on heard.container_id = same.id
                where same.path = c.path and same.id <> c.id and heard.graph_id is not null and not heard.distrusted)
            """;

    /** A container that somebody watches gets a record, but not a part of which another one's subscription tells. */
    void add(long containerId, SubscriptionConfig lives) {
        add("and c.id = :id on conflict do nothing", lives)
                .setParameter("id", containerId)
                .executeUpdate();
    }

    void dueNow(long containerId) {
        getEntityManager()
                .createNativeQuery(
                        "update subscription set next_attempt_at = now(), attempts = 0 where container_id = :id")
                .setParameter("id", containerId)
                .executeUpdate();
    }

    /** The same for all that have none. Looks at every container there is. */
    int addMissing(SubscriptionConfig lives) {
        return add(
                        "and not exists (select 1 from subscription s where s.container_id = c.id) on conflict do nothing",
                        lives)
                .executeUpdate();
    }

    private Query add(String which, SubscriptionConfig lives) {
        return getEntityManager()
                .createNativeQuery(ADD + which)
                .setParameter("mail", (int) lives.mailLife().toMinutes())
                .setParameter("teams", (int) lives.teamsLife().toMinutes())
                .setParameter("drive", (int) lives.driveLife().toMinutes())
                .setParameter("driveKind", WatchKind.DRIVE.word())
                .setParameter("telling", WatchKind.tellingOfParts())
                .setParameter("ofTeams", WatchKind.ofTeams())
                .setParameter("told", WatchKind.told());
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
        Set<String> known = new HashSet<>();
        for (int from = 0; from < graphIds.size(); from += ASKED_AT_ONCE) {
            known.addAll(getEntityManager()
                    .createQuery("select s.graphId from KeptSubscription s where s.graphId in :ids", String.class)
                    .setParameter("ids", graphIds.subList(from, Math.min(from + ASKED_AT_ONCE, graphIds.size())))
                    .getResultList());
        }
        return known;
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

    /** Whether another portal's container of the same path has one that tells. */
    boolean anotherHears(Container container) {
        return !getEntityManager()
                .createNativeQuery("select 1 from container c where c.id = :id and " + ANOTHER_HEARS)
                .setParameter("id", container.id())
                .getResultList()
                .isEmpty();
    }

    /**
     * Those with another address than this one, or with none, are looked after within so much time for each of them, unless their turn
     * comes sooner. One that Graph has refused keeps its pause.
     *
     * @return of how many the turn was changed
     */
    int followDoor(String door, Duration apart) {
        String elsewhere = " from subscription where graph_id is not null and notification_url is distinct from :door"
                + " and attempts = 0 and (lease_owner is null or lease_expires_at < now())";
        long count = ((Number) getEntityManager()
                        .createNativeQuery("select count(*)" + elsewhere)
                        .setParameter("door", door)
                        .getSingleResult())
                .longValue();
        if (count == 0) {
            return 0;
        }
        return getEntityManager()
                .createNativeQuery("update subscription"
                        + " set next_attempt_at = now() + random() * :within * interval '1 millisecond'"
                        + " where container_id in (select container_id" + elsewhere
                        + " and next_attempt_at > now() + :within * interval '1 millisecond' for update skip locked)")
                .setParameter("door", door)
                .setParameter("within", count * apart.toMillis())
                .executeUpdate();
    }

    /** Those who were refused one because another portal had it try again at once. */
    void tryContested(String path) {
        getEntityManager()
                .createNativeQuery("""
                        update subscription set next_attempt_at = now() where container_id in (
                            select s.container_id from subscription s join container c on c.id = s.container_id
                            where c.path = :path and s.problem = :contested for update of s skip locked)
                        """)
                .setParameter("path", path)
                .setParameter("contested", SubscriptionLedger.CONTESTED)
                .executeUpdate();
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

    /** A registration that has watches. */
    record Standing(String portal, String registration) {}

    /**
     * Whether for one of its watches notifications do not come: too much was missed, Graph refuses to subscribe our door, or another
     * installation has the only subscription.
     */
    @Transactional(TxType.REQUIRES_NEW)
    Map<Standing, Boolean> missing(int mostMisses, String door) {
        @SuppressWarnings("unchecked")
        List<Object[]> rows = getEntityManager()
                .createNativeQuery("""
                        select w.portal, w.registration, bool_or(coalesce(
                            s.distrusted or s.misses >= :most
                            or ((s.graph_id is null or s.notification_url <> :door)
                                and s.attempts >= :most and s.problem like 'graph-refused 400%')
                            or (s.problem = :contested and not
                        """ + ANOTHER_HEARS + """
                            ), false))
                        from watch w
                            left join container c on c.id = w.container_id
                            left join subscription s on s.container_id = w.container_id
                        where w.state = 'WATCHING'
                        group by w.portal, w.registration
                        """)
                .setParameter("door", door)
                .setParameter("contested", SubscriptionLedger.CONTESTED)
                .setParameter("most", mostMisses)
                .getResultList();
        return rows.stream().collect(Collectors.toMap(row -> new Standing((String) row[0], (String) row[1]), row ->
                (Boolean) row[2]));
    }

    List<KeptSubscription> ofWatch(String watch) {
        return find("watchId", watch).withLock(LockModeType.PESSIMISTIC_WRITE).list();
    }
}
