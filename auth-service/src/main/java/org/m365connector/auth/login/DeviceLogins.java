package org.m365connector.auth.login;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The device logins. */
@ApplicationScoped
class DeviceLogins implements PanacheRepositoryBase<DeviceLogin, String> {

    private static final int SKIP_LOCKED = -2;

    /** The one that has waited longest of those that Entra may be asked about now and nobody else is at. */
    Optional<DeviceLogin> nextDue(Instant now) {
        return find("state = ?1 and nextPollAt <= ?2", Sort.by("nextPollAt"), DeviceLogin.State.PENDING, now)
                .page(0, 1)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .withHint("jakarta.persistence.lock.timeout", SKIP_LOCKED)
                .firstResultOptional();
    }

    Optional<DeviceLogin> last(long accountId) {
        return find("accountId", Sort.descending("createdAt"), accountId).firstResultOptional();
    }

    List<DeviceLogin> pendingLocked(long accountId) {
        return find("accountId = ?1 and state = ?2", accountId, DeviceLogin.State.PENDING)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }
}
