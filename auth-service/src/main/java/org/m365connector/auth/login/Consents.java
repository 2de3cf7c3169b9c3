package org.m365connector.auth.login;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Optional;
import org.m365connector.auth.Secrets;

/** The consents of administrators that were asked for. */
@ApplicationScoped
class Consents implements PanacheRepositoryBase<Consent, String> {

    private static final int SKIP_LOCKED = -2;

    Optional<Consent> lookUpLocked(String state) {
        return findByIdOptional(Secrets.hash(state), LockModeType.PESSIMISTIC_WRITE);
    }

    boolean isOne(String state) {
        return count("stateHash", Secrets.hash(state)) > 0;
    }

    /** The one that has waited longest of those that are to be looked at now, and that nobody else looks at. */
    Optional<Consent> nextToLookAt(Instant now) {
        return find("lookAt <= ?1", Sort.by("lookAt"), now)
                .page(0, 1)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .withHint("jakarta.persistence.lock.timeout", SKIP_LOCKED)
                .firstResultOptional();
    }

    /** One of that registration that lives for longer than that. */
    Optional<Consent> reusable(long registrationId, Instant longerThan) {
        return find(
                        "registrationId = ?1 and usedAt is null and expiresAt > ?2",
                        Sort.descending("expiresAt"),
                        registrationId,
                        longerThan)
                .firstResultOptional();
    }
}
