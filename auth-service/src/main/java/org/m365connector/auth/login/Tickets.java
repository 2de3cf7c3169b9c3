package org.m365connector.auth.login;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.auth.Secrets;
import org.m365connector.auth.account.Account;
import org.m365connector.events.AccountState;

/** The tickets. */
@ApplicationScoped
class Tickets implements PanacheRepositoryBase<Ticket, String> {

    Optional<Ticket> lookUpLocked(String value) {
        return findByIdOptional(Secrets.hash(value), LockModeType.PESSIMISTIC_WRITE);
    }

    /**
     * Static accounts that were signed in once, need it again, and have no link that lives for longer than that; whoever has just
     * used one may still be at Entra.
     */
    List<Account> staticsWithoutLink(Instant longerThan, Instant now) {
        return getEntityManager()
                .createQuery(
                        "select a from Account a where a.account like 'static:%' and a.state = :needsLogin"
                                + " and a.onceSignedIn and not exists (select t.hash from Ticket t"
                                + " where t.accountId = a.id and t.shared and t.usedAt is null and t.expiresAt > :then)"
                                + " and not exists (select l.stateHash from Attempt l where l.accountId = a.id"
                                + " and l.stage in (:underWay) and l.expiresAt > :now)",
                        Account.class)
                .setParameter("needsLogin", AccountState.NEEDS_LOGIN)
                .setParameter("then", longerThan)
                .setParameter("underWay", List.of(Attempt.Stage.OPEN, Attempt.Stage.REDEEMING))
                .setParameter("now", now)
                .getResultList();
    }

    /** Somebody has signed in: nobody else need follow a link that was sent on for that. */
    void endShared(long accountId, Instant now) {
        update("expiresAt = ?1 where accountId = ?2 and shared and usedAt is null and expiresAt > ?1", now, accountId);
    }

    /** A link of that account that lives for longer than that. */
    Optional<Ticket> reusable(long accountId, Instant longerThan) {
        return find(
                        "accountId = ?1 and shared and usedAt is null and expiresAt > ?2",
                        Sort.descending("expiresAt"),
                        accountId,
                        longerThan)
                .firstResultOptional();
    }
}
