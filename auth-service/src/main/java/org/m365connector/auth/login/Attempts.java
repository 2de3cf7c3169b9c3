package org.m365connector.auth.login;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.m365connector.auth.Secrets;

/** The attempts to sign in with a browser. */
@ApplicationScoped
class Attempts implements PanacheRepositoryBase<Attempt, String> {

    private static final int SKIP_LOCKED = -2;

    Optional<Attempt> lookUpLocked(String state) {
        return findByIdOptional(Secrets.hash(state), LockModeType.PESSIMISTIC_WRITE);
    }

    /** Those that nobody will come back to, and nobody else is at. */
    List<Attempt> abandoned(Instant now, int most) {
        return find(
                        "stage in ?1 and expiresAt < ?2",
                        Sort.by("expiresAt"),
                        List.of(Attempt.Stage.OPEN, Attempt.Stage.REDEEMING),
                        now)
                .page(0, most)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .withHint("jakarta.persistence.lock.timeout", SKIP_LOCKED)
                .list();
    }

    boolean isLast(Attempt attempt) {
        return count("accountId = ?1 and createdAt > ?2", attempt.accountId, attempt.createdAt) == 0;
    }

    boolean isUnderWay(long accountId, Instant now) {
        return count(
                        "accountId = ?1 and finishedAt is null and stage in ?2 and expiresAt > ?3",
                        accountId,
                        List.of(Attempt.Stage.OPEN, Attempt.Stage.REDEEMING),
                        now)
                > 0;
    }

    Optional<Attempt> lastFinished(long accountId) {
        return find("accountId = ?1 and finishedAt is not null", Sort.descending("finishedAt"), accountId)
                .firstResultOptional();
    }
}
