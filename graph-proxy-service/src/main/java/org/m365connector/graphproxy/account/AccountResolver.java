package org.m365connector.graphproxy.account;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.access.Caller;
import org.m365connector.capability.Narrowed;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Finds the acting account. Denies by default: a portal user without a record may nothing. */
public final class AccountResolver {

    private final Function<String, Optional<AssignmentsRecord>> assignments;
    private final Function<String, Optional<AccountRecord>> accounts;

    /**
     * @param assignments by the key of {@code m365.assignments}
     * @param accounts by the key of {@code m365.accounts}
     */
    public AccountResolver(
            Function<String, Optional<AssignmentsRecord>> assignments,
            Function<String, Optional<AccountRecord>> accounts) {
        this.assignments = assignments;
        this.accounts = accounts;
    }

    /**
     * @param inPath the portal user that the address names
     * @param inHeader the header {@code X-Portal-User}, or null
     * @param named the header {@code X-M365-Account}, or null
     * @throws ProblemException {@code invalid-request}, {@code portal-user-missing}, {@code portal-user-unknown},
     *     {@code not-assigned}, {@code account-not-assigned}, {@code account-not-named}
     */
    public ActingAccount resolve(
            Caller caller,
            PortalId portal,
            RegistrationName registration,
            Optional<PortalUser> inPath,
            String inHeader,
            String named) {
        Optional<AccountName> name = accountName(named);
        Optional<PortalUser> portalUser = portalUser(inPath, inHeader)
                .or(() -> caller instanceof Caller.Portal ? technicalUser(portal, registration) : Optional.empty());
        if (portalUser.isPresent()) {
            return assigned(portal, registration, portalUser.get(), name);
        }
        boolean mayActForItself = caller instanceof Caller.Service
                && name.isPresent()
                && name.get().loginMode() != LoginMode.BROWSER;
        if (!mayActForItself) {
            throw new ProblemException(ProxyProblem.PORTAL_USER_MISSING);
        }
        AccountId account =
                name.get().loginMode() == LoginMode.SERVICE ? AccountId.SERVICE : AccountId.ofStatic(name.get());
        return acting(portal, registration, account, List.of(name.get()), Narrowed.NOT, Optional.empty());
    }

    /** Whom a portal's processes run as that know of no user. */
    private Optional<PortalUser> technicalUser(PortalId portal, RegistrationName registration) {
        return assignments
                .apply(AssignmentsRecord.key(portal, registration, AssignmentsRecord.DEFAULT))
                .flatMap(AssignmentsRecord::technicalUser);
    }

    private ActingAccount assigned(
            PortalId portal, RegistrationName registration, PortalUser portalUser, Optional<AccountName> named) {
        AssignmentsRecord record = assignments
                .apply(AssignmentsRecord.key(portal, registration, portalUser))
                // The default record says what somebody new would get; it is nobody's.
                .filter(found -> !portalUser.equals(AssignmentsRecord.DEFAULT))
                .orElseThrow(() -> new ProblemException(ProxyProblem.PORTAL_USER_UNKNOWN, registration));
        AssignmentsRecord.Resolution resolution = record.resolve(named);
        if (resolution instanceof AssignmentsRecord.Resolution.Acting acting) {
            List<AccountName> available = new ArrayList<>(record.accounts().size());
            Narrowed narrowed = Narrowed.NOT;
            for (AssignmentsRecord.Account held : record.accounts()) {
                available.add(held.account());
                if (held.narrowing().isPresent() && held.account().equals(acting.account())) {
                    narrowed = Narrowed.of(held.narrowing().get(), namesOf(record));
                }
            }
            return acting(
                    portal,
                    registration,
                    acting.account().resolve(portalUser),
                    available,
                    narrowed,
                    Optional.of(record));
        }
        if (resolution instanceof AssignmentsRecord.Resolution.NotAssigned refused) {
            throw new ProblemException(ProxyProblem.ACCOUNT_NOT_ASSIGNED, refused.named(), list(refused.available()))
                    .with("available", refused.available());
        }
        if (resolution instanceof AssignmentsRecord.Resolution.NoDefault open) {
            throw new ProblemException(ProxyProblem.ACCOUNT_NOT_NAMED, list(open.available()))
                    .with("available", open.available());
        }
        throw new ProblemException(ProxyProblem.NOT_ASSIGNED, registration);
    }

    /** By which names Graph knows the portal user himself; none before he has signed in. */
    private Set<String> namesOf(AssignmentsRecord record) {
        return accounts
                .apply(AccountRecord.key(
                        record.portalId(), record.registration(), AccountId.ofUser(record.portalUser())))
                .stream()
                .flatMap(his -> Stream.of(his.upn(), his.oid()))
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    private ActingAccount acting(
            PortalId portal,
            RegistrationName registration,
            AccountId account,
            List<AccountName> available,
            Narrowed narrowed,
            Optional<AssignmentsRecord> record) {
        return new ActingAccount(
                portal,
                registration,
                account,
                accounts.apply(AccountRecord.key(portal, registration, account)),
                available,
                narrowed,
                record.map(AssignmentsRecord::version),
                record.flatMap(AssignmentsRecord::rule));
    }

    private static Optional<PortalUser> portalUser(Optional<PortalUser> inPath, String inHeader) {
        if (inHeader == null) {
            return inPath;
        }
        PortalUser header;
        try {
            header = new PortalUser(inHeader);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("header", "X-Portal-User");
        }
        if (inPath.isPresent() && !inPath.get().equals(header)) {
            // Whoever put two names into one request did not mean what we would do.
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("header", "X-Portal-User");
        }
        return Optional.of(header);
    }

    private static Optional<AccountName> accountName(String named) {
        if (named == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new AccountName(named));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(RequestProblem.INVALID_REQUEST).with("header", "X-M365-Account");
        }
    }

    private static String list(List<AccountName> names) {
        return names.stream()
                .map(AccountName::toString)
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }
}
