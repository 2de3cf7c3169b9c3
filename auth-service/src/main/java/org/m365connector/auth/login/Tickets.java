package org.m365connector.auth.login;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.auth.Secrets;

/** The tickets. */
@ApplicationScoped
class Tickets implements PanacheRepositoryBase<Ticket, String> {

    Optional<Ticket> lookUpLocked(String value) {
        return findByIdOptional(Secrets.hash(value), LockModeType.PESSIMISTIC_WRITE);
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
