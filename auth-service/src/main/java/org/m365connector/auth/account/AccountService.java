package org.m365connector.auth.account;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.RecordVersions;
import org.m365connector.auth.attention.AttentionKind;
import org.m365connector.auth.attention.Attentions;
import org.m365connector.auth.entra.Identity;
import org.m365connector.auth.portal.Portals;
import org.m365connector.auth.registration.AdminConsentGiven;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.RegistrationChanged;
import org.m365connector.auth.registration.RegistrationEnded;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.user.UserRemoved;
import org.m365connector.events.AccountId;
import org.m365connector.events.AccountName;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.LoginCompleted;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.SignedOut;
import org.m365connector.events.Topics;
import org.m365connector.outbox.Outbox;
import org.m365connector.problem.ProblemException;

/** Changes of accounts, each told on {@code m365.accounts}. */
@ApplicationScoped
public class AccountService {

    private static final Logger LOG = Logger.getLogger(AccountService.class);

    private static final List<AttentionKind> ACCOUNT_KINDS =
            List.of(AttentionKind.ACCOUNT_NEEDS_LOGIN, AttentionKind.ACCOUNT_BLOCKED, AttentionKind.CONSENT_MISSING);

    private final Accounts accounts;
    private final Portals portals;
    private final Registrations registrations;
    private final LoginEvents logins;
    private final Attentions attentions;
    private final RecordVersions versions;
    private final Outbox outbox;
    private final Event<TokensVoid> voided;
    private final Clock clock;

    AccountService(
            Accounts accounts,
            Portals portals,
            Registrations registrations,
            LoginEvents logins,
            Attentions attentions,
            RecordVersions versions,
            Outbox outbox,
            Event<TokensVoid> voided,
            Clock clock) {
        this.accounts = accounts;
        this.portals = portals;
        this.registrations = registrations;
        this.logins = logins;
        this.attentions = attentions;
        this.versions = versions;
        this.outbox = outbox;
        this.voided = voided;
        this.clock = clock;
    }

    /** A portal user's own account, made where it is missing; who is expected to sign in is renewed. */
    @Transactional
    public Account forUser(Registration registration, AccountKey key, String expectedUpn) {
        // Two first logins of one user at once must not make two rows: the registration's lock puts them in a row.
        registrations.getLocked(key.portal(), key.registration());
        Account account = accounts.lookUpLocked(key).orElseGet(() -> {
            Account made = Account.of(registration, key.account(), AccountState.NEEDS_LOGIN, Optional.of(expectedUpn));
            // Nobody is told of it before the first login; it needs a generation all the same.
            made.newGeneration(versions.next(), clock.instant());
            accounts.persistAndFlush(made);
            return made;
        });
        account.expectedUpn = expectedUpn;
        return account;
    }

    @Transactional
    StaticAccountView addStatic(PortalId portal, RegistrationName name, NewStaticAccount wanted) {
        Registration registration = registrations.getLocked(portal, name);
        if (registration.accountTypes() == AccountTypes.PERSONAL) {
            throw new ProblemException(AuthProblem.PERSONAL_BROWSER_ONLY, name);
        }
        if (wanted.name().loginMode() != LoginMode.STATIC) {
            throw new ProblemException(AuthProblem.ACCOUNT_EXISTS, wanted.name());
        }
        AccountKey key = new AccountKey(portal, name, AccountId.ofStatic(wanted.name()));
        if (accounts.lookUp(key).isPresent()) {
            throw new ProblemException(AuthProblem.ACCOUNT_EXISTS, wanted.name());
        }
        Account account = Account.of(registration, key.account(), AccountState.NEEDS_LOGIN, Optional.of(wanted.upn()));
        account.newGeneration(versions.next(), clock.instant());
        accounts.persistAndFlush(account);
        announce(account);
        return StaticAccountView.of(account);
    }

    @Transactional
    List<StaticAccountView> statics(PortalId portal, RegistrationName name) {
        return accounts.statics(registrations.get(portal, name)).stream()
                .map(StaticAccountView::of)
                .toList();
    }

    @Transactional
    StaticAccountView getStatic(PortalId portal, RegistrationName registration, AccountName name) {
        return StaticAccountView.of(requireStatic(portal, registration, name));
    }

    /** @throws ProblemException {@code account-unknown} */
    @Transactional
    public Account requireStatic(PortalId portal, RegistrationName registration, AccountName name) {
        registrations.get(portal, registration);
        if (name.loginMode() != LoginMode.STATIC) {
            throw new ProblemException(AuthProblem.ACCOUNT_UNKNOWN, name);
        }
        return accounts.lookUp(new AccountKey(portal, registration, AccountId.ofStatic(name)))
                .orElseThrow(() -> new ProblemException(AuthProblem.ACCOUNT_UNKNOWN, name));
    }

    @Transactional
    void removeStatic(PortalId portal, RegistrationName registration, AccountName name) {
        Account account = requireStatic(portal, registration, name);
        accounts.lookUpLocked(account.id()).ifPresent(this::remove);
    }

    /**
     * Somebody has signed in for an account. Only the right one is accepted; then he is the one for ever.
     * The caller keeps the tokens in the same transaction.
     *
     * @param begun when the login began, in numbers of {@link RecordVersions}
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public SignIn signedIn(long accountId, long begun, Identity identity) {
        Optional<Account> found = accounts.lookUpLocked(accountId);
        if (found.isEmpty()) {
            return new SignIn.AccountGone();
        }
        Account account = found.get();
        if (!portals.get(account.key().portal()).entitled().isValid(clock.instant())) {
            return new SignIn.NotEntitled();
        }
        if (!account.letsIn(begun)) {
            LOG.infof("Login overtaken by a sign-out or another change account=%s", account.key());
            return new SignIn.Overtaken();
        }
        if (identity.type() == AccountType.PERSONAL && account.key().account().loginMode() != LoginMode.BROWSER) {
            LOG.warnf("A personal account cannot be a static one account=%s", account.key());
            return new SignIn.PersonalAccount(identity.preferredUsername());
        }
        if (!account.isFor(identity)) {
            LOG.warnf("Somebody else signed in account=%s", account.key());
            return new SignIn.WrongPerson(account.expectedName().orElse("?"), identity.preferredUsername());
        }
        account.signedIn(identity);
        raiseGeneration(account, false);
        AccountKey key = account.key();
        logins.tell(
                key,
                LoginCompleted.TYPE,
                account.generation() + "/completed",
                new LoginCompleted(
                        key.account().portalUser(),
                        key.registration(),
                        key.account().name(),
                        identity.preferredUsername()));
        LOG.infof("Signed in account=%s generation=%d", key, account.generation());
        return new SignIn.Accepted(account.id(), key, account.generation());
    }

    /** Destroys the tokens of an account, and ends the logins that are under way. */
    @Transactional
    public void signOut(AccountKey key) {
        accounts.lookUpLocked(key).ifPresent(account -> {
            if (account.state() == AccountState.GONE) {
                account.endLogins(versions.next());
            } else {
                signOut(account);
            }
        });
    }

    @Transactional
    void unpinStatic(PortalId portal, RegistrationName registration, AccountName name) {
        unpin(requireStatic(portal, registration, name).key());
    }

    /** Lets the next login decide anew, by name, whose account this is. */
    @Transactional
    public void unpin(AccountKey key) {
        accounts.lookUpLocked(key).ifPresent(account -> {
            boolean wasPinned = account.isPinned();
            account.unpin();
            account.endLogins(versions.next());
            if (account.state() == AccountState.READY) {
                signOut(account);
            } else if (wasPinned) {
                raiseGeneration(account, false);
            }
            LOG.infof("Pin lifted account=%s", key);
        });
    }

    /**
     * Entra no longer gives tokens for an account.
     *
     * @param generation of the tokens that were refused; where there is a newer one, nothing happens
     * @param code what Entra said, for the log
     * @param claims what Entra wants the next login to satisfy
     * @param stillTrue whether what was refused is what the account has; asked while nobody can change it
     * @return false where nothing has happened, because something else has meanwhile
     */
    @Transactional
    public boolean refused(
            long accountId,
            long generation,
            AccountState state,
            String reason,
            String code,
            Optional<String> claims,
            BooleanSupplier stillTrue) {
        Optional<Account> refused = accounts.lookUpLocked(accountId)
                .filter(account -> account.generation() == generation && account.state() == AccountState.READY)
                .filter(account -> stillTrue.getAsBoolean());
        refused.ifPresent(account -> {
            account.refused(state, reason, claims);
            raiseGeneration(account, false);
            LOG.warnf("Account refused by Entra account=%s reason=%s code=%s", account.key(), reason, code);
        });
        return refused.isPresent();
    }

    void onRegistrationChanged(@Observes RegistrationChanged change) {
        Registration registration = change.registration();
        for (Account account : accounts.ofLocked(registration)) {
            if (account.key().account().loginMode() == LoginMode.SERVICE) {
                onServiceAccount(registration, change, account);
            } else if (account.key().account().loginMode() == LoginMode.STATIC
                    && registration.accountTypes() == AccountTypes.PERSONAL) {
                remove(account);
            } else if (change.otherApp()) {
                account.unpin();
                if (account.state() == AccountState.READY) {
                    account.refused(AccountState.NEEDS_LOGIN, Reasons.LOGIN_REQUIRED, Optional.empty());
                }
                account.endLogins(versions.next());
                raiseGeneration(account, false);
            } else if (change.otherScopes()) {
                raiseGeneration(account, true);
            }
        }
        makeServiceAccount(registration);
    }

    /** The app's own token from before lacks what was granted just now. */
    void onAdminConsent(@Observes AdminConsentGiven consent) {
        Registration registration = consent.registration();
        accounts.lookUpLocked(new AccountKey(registration.portal(), registration.name(), AccountId.SERVICE))
                .ifPresent(account -> raiseGeneration(account, false));
    }

    private void onServiceAccount(Registration registration, RegistrationChanged change, Account account) {
        if (registration.accountTypes() == AccountTypes.PERSONAL) {
            remove(account);
        } else if (change.otherApp()) {
            raiseGeneration(account, false);
        }
    }

    void onRegistrationEnded(@Observes RegistrationEnded ended) {
        accounts.ofLocked(ended.registration()).forEach(this::remove);
    }

    void onUserRemoved(@Observes UserRemoved removed) {
        // Whoever makes him an account just now holds its registration.
        registrations.lockAll(removed.portal());
        AccountId id = AccountId.ofUser(removed.user());
        accounts.ofUserLocked(removed.portal().value(), id.value()).forEach(this::remove);
    }

    /** The app itself needs no login; personal accounts know no app of their own. */
    private void makeServiceAccount(Registration registration) {
        AccountKey key = new AccountKey(registration.portal(), registration.name(), AccountId.SERVICE);
        boolean wanted = registration.hasApp() && registration.accountTypes() != AccountTypes.PERSONAL;
        if (wanted && accounts.lookUp(key).isEmpty()) {
            Account account = Account.of(registration, AccountId.SERVICE, AccountState.READY, Optional.empty());
            account.newGeneration(versions.next(), clock.instant());
            accounts.persistAndFlush(account);
            announce(account);
        }
    }

    private void signOut(Account account) {
        boolean wasSignedIn = account.state() == AccountState.READY;
        account.signedOut();
        account.endLogins(versions.next());
        raiseGeneration(account, false);
        AccountKey key = account.key();
        if (wasSignedIn) {
            logins.tell(
                    key,
                    SignedOut.TYPE,
                    account.generation() + "/signed-out",
                    new SignedOut(
                            key.account().portalUser(),
                            key.registration(),
                            key.account().name()));
        }
        LOG.infof("Signed out account=%s", key);
    }

    private void remove(Account account) {
        AccountKey key = account.key();
        voided.fire(new TokensVoid(account.id(), key, Long.MAX_VALUE, false));
        attentions.allOver(key.portal(), key.registration(), key.account());
        accounts.delete(account);
        accounts.flush();
        outbox.tombstone(Topics.ACCOUNTS, key.toString(), versions.next());
    }

    private void raiseGeneration(Account account, boolean keepRefreshToken) {
        account.newGeneration(versions.next(), clock.instant());
        accounts.flush();
        voided.fire(new TokensVoid(account.id(), account.key(), account.generation(), keepRefreshToken));
        announce(account);
    }

    /** A portal user is told in his portal when he has to sign in; for a static account somebody has to be found who does. */
    private void tellWhetherAttentionIsNeeded(Account account) {
        AccountKey key = account.key();
        if (key.account().loginMode() != LoginMode.STATIC) {
            return;
        }
        Optional<AttentionKind> needed = attentionOf(account);
        for (AttentionKind kind : ACCOUNT_KINDS) {
            if (needed.equals(Optional.of(kind))) {
                attentions.raise(key.portal(), Optional.of(key.registration()), Optional.of(key.account()), kind);
            } else {
                attentions.over(key.portal(), Optional.of(key.registration()), Optional.of(key.account()), kind);
            }
        }
    }

    private static Optional<AttentionKind> attentionOf(Account account) {
        return switch (account.state()) {
            case READY -> Optional.empty();
            case BLOCKED -> Optional.of(AttentionKind.ACCOUNT_BLOCKED);
            case NEEDS_LOGIN, GONE ->
                Optional.of(
                        account.reason().equals(Optional.of(Reasons.CONSENT_REQUIRED))
                                ? AttentionKind.CONSENT_MISSING
                                : AttentionKind.ACCOUNT_NEEDS_LOGIN);
        };
    }

    private void announce(Account account) {
        tellWhetherAttentionIsNeeded(account);
        AccountRecord record = account.record();
        outbox.add(
                Topics.ACCOUNTS,
                record.key(),
                org.m365connector.events.Event.of(
                        record.key() + "/" + record.version(),
                        URI.create("/m365/" + record.portalId() + "/auth"),
                        AccountRecord.TYPE,
                        clock.instant(),
                        record));
    }
}
