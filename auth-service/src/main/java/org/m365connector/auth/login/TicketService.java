package org.m365connector.auth.login;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.Secrets;
import org.m365connector.auth.account.Account;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.AccountService;
import org.m365connector.auth.account.Accounts;
import org.m365connector.auth.account.LoginEvents;
import org.m365connector.auth.portal.Portal;
import org.m365connector.auth.portal.Portals;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.user.PortalUsers;
import org.m365connector.auth.vault.Vault;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountState;
import org.m365connector.events.Entitlement;
import org.m365connector.events.LoginRequired;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;

/** Gives out links for logins, and tells how they went. */
@ApplicationScoped
class TicketService {

    /** What a portal's field must look like to be taken for a user principal name. */
    private static final Pattern UPN = Pattern.compile("[^\\s\\p{Cntrl}]{1,100}@[^\\s\\p{Cntrl}]{1,100}");

    private final Portals portals;
    private final Registrations registrations;
    private final PortalUsers users;
    private final Accounts accounts;
    private final AccountService accountService;
    private final Tickets tickets;
    private final Attempts attempts;
    private final LoginEvents events;
    private final LoginUrls urls;
    private final LoginSettings settings;
    private final Vault vault;
    private final Clock clock;

    TicketService(
            Portals portals,
            Registrations registrations,
            PortalUsers users,
            Accounts accounts,
            AccountService accountService,
            Tickets tickets,
            Attempts attempts,
            LoginEvents events,
            LoginUrls urls,
            LoginSettings settings,
            Vault vault,
            Clock clock) {
        this.portals = portals;
        this.registrations = registrations;
        this.users = users;
        this.accounts = accounts;
        this.accountService = accountService;
        this.tickets = tickets;
        this.attempts = attempts;
        this.events = events;
        this.urls = urls;
        this.settings = settings;
        this.vault = vault;
        this.clock = clock;
    }

    /** A ticket for a portal user who is about to sign in, in the window that his portal has just opened. */
    @Transactional
    Link forUser(PortalId portalId, RegistrationName name, NewLogin wanted) {
        Portal portal = portals.get(portalId);
        wanted.returnUrl().filter(url -> !portal.mayReturnTo(url)).ifPresent(url -> {
            throw new ProblemException(AuthProblem.RETURN_URL_NOT_ALLOWED);
        });
        Registration registration = complete(portalId, name);
        Account account = userAccount(registration, wanted.portaluser(), wanted.upn());
        return ticket(
                account, false, false, wanted.display(), wanted.returnUrl().orElse(null), settings.ticketLife());
    }

    /** A link for an administrator, or whoever he sends it to, to sign in a static account. */
    @Transactional
    Link forStatic(PortalId portal, RegistrationName name, AccountName accountName) {
        complete(portal, name);
        Account account = accountService.requireStatic(portal, name, accountName);
        return ticket(account, false, true, Display.POPUP, null, settings.linkLife());
    }

    /** A link for whoever has to sign in before an account can be used. The portal is told of every new one, once. */
    @Transactional
    Link forWhoeverNeedsIt(AccountKey key, String reason) {
        Registration registration = complete(key.portal(), key.registration());
        Account account =
                switch (key.account().loginMode()) {
                    case BROWSER ->
                        userAccount(registration, key.account().portalUser().orElseThrow(), Optional.empty());
                    case STATIC -> {
                        registrations.getLocked(key.portal(), key.registration());
                        yield accountService.requireStatic(
                                key.portal(), key.registration(), key.account().name());
                    }
                    case SERVICE -> throw new ProblemException(AuthProblem.LOGIN_NOT_POSSIBLE);
                };
        Instant longEnough = clock.instant().plus(settings.reuseAbove());
        Optional<Ticket> reusable =
                tickets.reusable(account.id(), longEnough).filter(ticket -> vault.hasKeyOf(ticket.sealed));
        if (reusable.isPresent()) {
            return new Link(urls.ticket(reusable.get().value(key, vault)), reusable.get().expiresAt);
        }
        Link link = ticket(account, true, true, Display.REDIRECT, null, settings.linkLife());
        events.tell(
                key,
                LoginRequired.TYPE,
                "login-required/" + link.expiresAt().toEpochMilli(),
                new LoginRequired(
                        key.account().portalUser(),
                        key.registration(),
                        key.account().name(),
                        link.loginUrl(),
                        link.expiresAt(),
                        reason));
        return link;
    }

    /** How a portal user's account stands. */
    @Transactional
    LoginState state(PortalId portal, RegistrationName name, PortalUser user) {
        registrations.get(portal, name);
        Optional<Account> found = accounts.lookUp(new AccountKey(portal, name, AccountId.ofUser(user)));
        return found.map(account -> state(user, account))
                .orElseGet(() -> new LoginState(
                        user,
                        name,
                        AccountState.NEEDS_LOGIN,
                        Optional.empty(),
                        Optional.empty(),
                        0,
                        Optional.empty(),
                        false,
                        Optional.empty()));
    }

    private LoginState state(PortalUser user, Account account) {
        // In this order: whoever reads that nothing is under way any more reads how it ended, too.
        boolean underWay = attempts.isUnderWay(account.id(), clock.instant());
        return new LoginState(
                user,
                account.key().registration(),
                account.state(),
                account.reason(),
                account.upn(),
                account.generation(),
                Optional.of(account.changedAt()),
                underWay,
                attempts.lastFinished(account.id())
                        .map(attempt -> new LoginState.Last(
                                attempt.outcome.slug(), attempt.outcome.mayGoOn(), attempt.finishedAt)));
    }

    @Transactional
    void signOut(PortalId portal, RegistrationName name, PortalUser user) {
        registrations.get(portal, name);
        accountService.signOut(new AccountKey(portal, name, AccountId.ofUser(user)));
    }

    @Transactional
    void unpin(PortalId portal, RegistrationName name, PortalUser user) {
        registrations.get(portal, name);
        accountService.unpin(new AccountKey(portal, name, AccountId.ofUser(user)));
    }

    private Registration complete(PortalId portal, RegistrationName name) {
        portals.get(portal).requireEntitled(clock.instant());
        Registration registration = registrations.get(portal, name);
        if (!registration.isComplete()) {
            throw new ProblemException(AuthProblem.REGISTRATION_INCOMPLETE, name);
        }
        return registration;
    }

    private Account userAccount(Registration registration, PortalUser user, Optional<String> named) {
        AccountKey key = new AccountKey(registration.portal(), registration.name(), AccountId.ofUser(user));
        requireSeat(key);
        // Whoever is being removed is not known any more behind this, or goes with the account that he gets now.
        registrations.getLocked(key.portal(), key.registration());
        // A portal that told it once, with a request, need not tell it again on the users topic.
        String upn = named.or(() -> users.field(registration.portal(), user, registration.upnField())
                        .filter(UPN.asMatchPredicate()))
                .or(() -> accounts.lookUp(key).flatMap(Account::expectedName))
                .orElseThrow(() -> new ProblemException(AuthProblem.UPN_UNKNOWN, user, registration.upnField()));
        return accountService.forUser(registration, key, upn);
    }

    /** Where the entitlement is for so many users, the next one is refused; whoever has an account keeps it. */
    private void requireSeat(AccountKey key) {
        Entitlement entitlement = portals.get(key.portal()).entitled();
        if (entitlement.users().isEmpty() || accounts.hasUser(key.portal(), key.account())) {
            return;
        }
        // Two who come first at once must not both have the last seat: the portal's row puts them in a row.
        portals.getLocked(key.portal());
        boolean free =
                accounts.hasUser(key.portal(), key.account()) || entitlement.hasRoomFor(accounts.usersOf(key.portal()));
        if (!free) {
            throw new ProblemException(AuthProblem.NOT_ENTITLED)
                    .with("users", entitlement.users().get());
        }
    }

    private Link ticket(
            Account account, boolean shared, boolean startPage, Display display, String returnUrl, Duration life) {
        String value = Secrets.random();
        Ticket ticket = Ticket.of(account, value, shared, startPage, display, returnUrl, vault, clock.instant(), life);
        tickets.persist(ticket);
        return new Link(urls.ticket(value), ticket.expiresAt);
    }
}
