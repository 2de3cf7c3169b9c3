package org.m365connector.sync.action;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.sync.work.LeaseLostException;

/** The table of actions. */
@ApplicationScoped
class Actions implements PanacheRepositoryBase<Action, Long> {

    /**
     * Gives the next due action to {@code owner}: one whose time has come, that nobody else works on, and whose turn it is among
     * those of its portal and ordering key. Two workers never get the same, and none waits for the other. What is behind another
     * is not even looked at, so a backlog behind a parked action costs nothing.
     */
    Optional<Action> claim(String owner, long leaseMillis) {
        return claim(owner, leaseMillis, """
                        state <> 'finished' and turn and next_attempt_at <= now()
                          and (lease_owner is null or lease_expires_at < now())
                        order by next_attempt_at, id""");
    }

    /** Gives one whose deadline has passed while it was behind another of its key. Nothing has been begun for it. */
    Optional<Action> claimExpired(String owner, long leaseMillis) {
        return claim(owner, leaseMillis, """
                        state = 'received' and not turn and deadline <= now()
                          and (lease_owner is null or lease_expires_at < now())
                        order by deadline, id""");
    }

    private Optional<Action> claim(String owner, long leaseMillis, String which) {
        @SuppressWarnings("unchecked")
        List<Action> claimed = getEntityManager()
                .createNativeQuery("""
                        update action set lease_owner = :owner, lease_expires_at = now() + :lease * interval '1 millisecond'
                        where id = (select id from action where %s limit 1 for update skip locked)
                        returning *
                        """.formatted(which), Action.class)
                .setParameter("owner", owner)
                .setParameter("lease", leaseMillis)
                .getResultList();
        return claimed.stream().findFirst();
    }

    /** The row, locked, provided that its lease is still the owner's. */
    Action owned(long id, String owner) {
        return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE)
                .filter(action -> {
                    action.open(owner);
                    return true;
                })
                .orElseThrow(() -> new LeaseLostException("action " + id));
    }

    /** @throws LeaseLostException where another worker has taken over */
    void prolong(long id, String owner, long leaseMillis) {
        int prolonged = getEntityManager()
                .createNativeQuery("update action set lease_expires_at = now() + :lease * interval '1 millisecond'"
                        + " where id = :id and lease_owner = :owner")
                .setParameter("lease", leaseMillis)
                .setParameter("id", id)
                .setParameter("owner", owner)
                .executeUpdate();
        if (prolonged == 0) {
            throw new LeaseLostException("action " + id);
        }
    }

    /**
     * Until the transaction ends, nobody else adds an action of this key or passes its turn on. Taken before any row is locked.
     *
     * @return whether a new one would be the first of its key
     */
    boolean lockKey(String portal, String orderingKey) {
        getEntityManager()
                .createNativeQuery("select 1 from pg_advisory_xact_lock(hashtextextended(:portal || '/' || :key, 0))")
                .setParameter("portal", portal)
                .setParameter("key", orderingKey)
                .getSingleResult();
        return getEntityManager()
                .createNativeQuery(
                        "select 1 from action where portal = :portal and ordering_key = :key and state <> 'finished' limit 1")
                .setParameter("portal", portal)
                .setParameter("key", orderingKey)
                .getResultList()
                .isEmpty();
    }

    /** After one has been finished: the oldest of its key that is not finished has its turn. */
    void passTurn(String portal, String orderingKey) {
        flush();
        getEntityManager()
                .createNativeQuery("""
                        update action set turn = true
                        where not turn and id = (
                            select id from action
                            where portal = :portal and ordering_key = :key and state <> 'finished' order by id limit 1)
                        """)
                .setParameter("portal", portal)
                .setParameter("key", orderingKey)
                .executeUpdate();
    }

    /** A version of this service that does not know of turns may have finished or added some. */
    int giveMissingTurns() {
        return getEntityManager().createNativeQuery("""
                        update action set turn = true
                        where not turn and id in (
                            select min(id) from action where state <> 'finished' group by portal, ordering_key)
                        """).executeUpdate();
    }

    Optional<Action> of(PortalId portal, String actionId) {
        return find("portal = ?1 and actionId = ?2", portal.value(), actionId).firstResultOptional();
    }

    /** Parked actions that wait for this account become due. */
    int wake(PortalId portal, RegistrationName registration, AccountId account) {
        return getEntityManager()
                .createNativeQuery("""
                        update action set next_attempt_at = now(), attempts = 0
                        where state = 'parked' and portal = :portal and registration = :registration
                          and parked_account = :account
                        """)
                .setParameter("portal", portal.value())
                .setParameter("registration", registration.value())
                .setParameter("account", account.value())
                .executeUpdate();
    }

    /** Whether a message is being posted in this channel whose id nobody knows yet. */
    boolean isPosting(PortalId portal, String channelId) {
        return !getEntityManager()
                .createNativeQuery("""
                        select 1 from action
                        where portal = :portal and state = 'attempting' and step = 'posting-message'
                          and cast(data as json) -> 'channel' ->> 'channelId' = :channel
                        limit 1
                        """)
                .setParameter("portal", portal.value())
                .setParameter("channel", channelId)
                .getResultList()
                .isEmpty();
    }

    Optional<String> causeOf(PortalId portal, String effectId) {
        return find("portal = ?1 and effectId = ?2", portal.value(), effectId)
                .firstResultOptional()
                .map(action -> action.actionId);
    }

    /** @return how many went; up to {@code most} at once, so that nobody waits for it */
    int forgetFinishedBefore(Instant time, int most) {
        return getEntityManager()
                .createNativeQuery("""
                        delete from action where id in (
                            select id from action where state = 'finished' and finished_at < :time limit :most)
                        """)
                .setParameter("time", time)
                .setParameter("most", most)
                .executeUpdate();
    }

    /** How many actions stand in each state but finished. */
    long open() {
        return ((Number) getEntityManager()
                        .createNativeQuery("select count(*) from action where state <> 'finished'")
                        .getSingleResult())
                .longValue();
    }
}
