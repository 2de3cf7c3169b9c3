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
     * Gives the next due action to {@code owner}: one whose time has come, that nobody else works on, and before which no other
     * of its portal and ordering key is unfinished. Two workers never get the same, and none waits for the other.
     */
    Optional<Action> claim(String owner, long leaseMillis) {
        @SuppressWarnings("unchecked")
        List<Action> claimed = getEntityManager()
                .createNativeQuery("""
                        update action set lease_owner = :owner, lease_expires_at = now() + :lease * interval '1 millisecond'
                        where id = (
                            select a.id from action a
                            where a.state <> 'finished' and a.next_attempt_at <= now()
                              and (a.lease_expires_at is null or a.lease_expires_at < now())
                              and not exists (
                                select 1 from action earlier
                                where earlier.portal = a.portal and earlier.ordering_key = a.ordering_key
                                  and earlier.state <> 'finished' and earlier.id < a.id)
                            order by a.next_attempt_at, a.id
                            limit 1 for update skip locked)
                        returning *
                        """, Action.class)
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

    Optional<String> causeOf(PortalId portal, String effectId) {
        return find("portal = ?1 and effectId = ?2", portal.value(), effectId)
                .firstResultOptional()
                .map(action -> action.actionId);
    }

    long forgetFinishedBefore(Instant time) {
        return delete("finishedAt < ?1", time);
    }

    /** How many actions stand in each state but finished. */
    long open() {
        return ((Number) getEntityManager()
                        .createNativeQuery("select count(*) from action where state <> 'finished'")
                        .getSingleResult())
                .longValue();
    }
}
