package org.m365connector.auth.account;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import org.m365connector.auth.registration.Registration;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;

/** The accounts. */
@ApplicationScoped
public class Accounts implements PanacheRepository<Account> {

    private static final String BY_KEY = "portalId = ?1 and registration = ?2 and account = ?3";

    public Optional<Account> lookUp(AccountKey key) {
        return find(
                        BY_KEY,
                        key.portal().value(),
                        key.registration().value(),
                        key.account().value())
                .firstResultOptional();
    }

    /** The account, whose row stays locked until the transaction ends. */
    Optional<Account> lookUpLocked(AccountKey key) {
        return find(
                        BY_KEY,
                        key.portal().value(),
                        key.registration().value(),
                        key.account().value())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional()
                .map(this::asItIsNow);
    }

    Optional<Account> lookUpLocked(long id) {
        return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE).map(this::asItIsNow);
    }

    /** It may have been read before it was locked: then it stands here as it was. */
    private Account asItIsNow(Account locked) {
        getEntityManager().refresh(locked);
        return locked;
    }

    /** All of a registration, locked. */
    List<Account> ofLocked(Registration registration) {
        return find("registrationId", Sort.by("id"), registration.id())
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    /** Whether that portal user has an account of his own, under whatever registration. */
    public boolean hasUser(PortalId portal, AccountId account) {
        return count("portalId = ?1 and account = ?2", portal.value(), account.value()) > 0;
    }

    /** How many portal users have one, under whatever registration. */
    public long usersOf(PortalId portal) {
        return getEntityManager()
                .createQuery(
                        "select count(distinct a.account) from Account a"
                                + " where a.portalId = :portal and a.account like 'user:%'",
                        Long.class)
                .setParameter("portal", portal.value())
                .getSingleResult();
    }

    /** Whether a person has come back from Entra's pages for any account of the registration. */
    public boolean anybodySignedIn(Registration registration) {
        return count("registrationId = ?1 and oid is not null", registration.id()) > 0;
    }

    /** The static accounts of the registration. */
    public List<AccountId> staticIds(Registration registration) {
        return statics(registration).stream()
                .map(account -> account.key().account())
                .toList();
    }

    List<Account> statics(Registration registration) {
        return list("registrationId = ?1 and account like 'static:%'", Sort.by("account"), registration.id());
    }

    /** Every own account of a portal user, locked. */
    List<Account> ofUserLocked(String portal, String account) {
        return find("portalId = ?1 and account = ?2", Sort.by("id"), portal, account)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }
}
