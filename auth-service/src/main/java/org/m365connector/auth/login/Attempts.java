package org.m365connector.auth.login;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.Optional;
import org.m365connector.auth.Secrets;

/** The attempts to sign in with a browser. */
@ApplicationScoped
class Attempts implements PanacheRepositoryBase<Attempt, String> {

    Optional<Attempt> lookUpLocked(String state) {
        return findByIdOptional(Secrets.hash(state), LockModeType.PESSIMISTIC_WRITE);
    }

    Optional<Attempt> lastFinished(long accountId) {
        return find("accountId = ?1 and outcome is not null", Sort.descending("finishedAt"), accountId)
                .firstResultOptional();
    }
}
