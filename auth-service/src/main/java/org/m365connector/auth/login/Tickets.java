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

    /** Static accounts that were signed in once, need it again, and have no link that lives for longer than that. */
    List<Account> staticsWithoutLink(Instant longerThan) {
        return getEntityManager()
                .createQuery(
                        "select a from Account a where a.account like 'static:%' and a.state = :needsLogin"
                                + " and a.oid is not null and not exists (select t.hash from Ticket t"
                                + " where t.accountId = a.id and t.shared and t.usedAt is null and t.expiresAt > :then)",
                        Account.class)
                .setParameter("needsLogin", AccountState.NEEDS_LOGIN)
                .setParameter("then", longerThan)
                .getResultList();
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
