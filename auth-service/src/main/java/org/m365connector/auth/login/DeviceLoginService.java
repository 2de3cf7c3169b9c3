package org.m365connector.auth.login;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.RecordVersions;
import org.m365connector.auth.account.Account;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.AccountService;
import org.m365connector.auth.account.Accounts;
import org.m365connector.auth.account.LoginEvents;
import org.m365connector.auth.account.SignIn;
import org.m365connector.auth.entra.DeviceCode;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.entra.EntraClient;
import org.m365connector.auth.entra.EntraError;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.entra.IdTokenRefused;
import org.m365connector.auth.entra.IdTokens;
import org.m365connector.auth.entra.Identity;
import org.m365connector.auth.entra.KeysUnavailable;
import org.m365connector.auth.portal.Portals;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.token.TokenStore;
import org.m365connector.auth.vault.Vault;
import org.m365connector.events.AccountName;
import org.m365connector.events.LoginFailed;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Logins by device code: begun by an administrator, finished by whoever enters the code, asked about by us in between. */
@ApplicationScoped
class DeviceLoginService {

    private static final Logger LOG = Logger.getLogger(DeviceLoginService.class);
    private static final int IN_A_ROW = 20;
    /** Longer than Entra may take for one answer. */
    private static final Duration CLAIM = Duration.ofSeconds(30);

    private final Portals portals;
    private final DeviceLogins logins;
    private final Accounts accounts;
    private final AccountService accountService;
    private final Registrations registrations;
    private final TokenStore tokens;
    private final LoginEvents events;
    private final EntraClient entra;
    private final IdTokens idTokens;
    private final RecordVersions versions;
    private final Vault vault;
    private final Clock clock;

    DeviceLoginService(
            Portals portals,
            DeviceLogins logins,
            Accounts accounts,
            AccountService accountService,
            Registrations registrations,
            TokenStore tokens,
            LoginEvents events,
            EntraClient entra,
            IdTokens idTokens,
            RecordVersions versions,
            Vault vault,
            Clock clock) {
        this.portals = portals;
        this.logins = logins;
        this.accounts = accounts;
        this.accountService = accountService;
        this.registrations = registrations;
        this.tokens = tokens;
        this.events = events;
        this.entra = entra;
        this.idTokens = idTokens;
        this.versions = versions;
        this.vault = vault;
        this.clock = clock;
    }

    /** What is asked of Entra, read in one transaction and used outside of it. */
    private record Asked(String loginId, AccountKey key, EntraApp app, String deviceCode, boolean publicClient) {

        @Override
        public String toString() {
            return "Asked[key=" + key + "]";
        }
    }

    /** A login whose turn it was; nothing is to be asked where that has ended it. */
    private record Claimed(Optional<Asked> asked) {}

    private record Wanted(long accountId, long begun, EntraApp app, String scopes) {}

    DeviceLoginView begin(PortalId portal, RegistrationName name, AccountName accountName) {
        Wanted wanted = QuarkusTransaction.requiringNew().call(() -> {
            portals.get(portal).requireEntitled(clock.instant());
            Registration registration = registrations.get(portal, name);
            Account account = accountService.requireStatic(portal, name, accountName);
            return new Wanted(account.id(), versions.next(), registrations.app(registration), registration.scopes());
        });
        EntraClient.DeviceCodeAnswer answer = entra.requestDeviceCode(wanted.app(), wanted.scopes());
        if (answer instanceof EntraClient.DeviceCodeAnswer.Refused refused) {
            throw problem(accountName, refused.error());
        }
        DeviceCode code = ((EntraClient.DeviceCodeAnswer.Begun) answer).code();
        return QuarkusTransaction.requiringNew().call(() -> {
            Account account = accounts.findByIdOptional(wanted.accountId())
                    .orElseThrow(() -> new ProblemException(AuthProblem.ACCOUNT_UNKNOWN, accountName));
            // A new code makes those before it useless: nobody shall wonder which one counts. One that is done stays
            // so.
            logins.pendingLocked(account.id()).forEach(login -> login.finish(Outcome.EXPIRED));
            DeviceLogin login = DeviceLogin.of(account, wanted.begun(), code, vault, clock.instant());
            logins.persist(login);
            LOG.infof("Device login begun account=%s", account.key());
            return login.view();
        });
    }

    DeviceLoginView last(PortalId portal, RegistrationName name, AccountName accountName) {
        return QuarkusTransaction.requiringNew().call(() -> {
            Account account = accountService.requireStatic(portal, name, accountName);
            return logins.last(account.id())
                    .map(DeviceLogin::view)
                    .orElseThrow(() -> new ProblemException(RequestProblem.NOT_FOUND));
        });
    }

    /**
     * Asks Entra about the logins that are due. Each is claimed just before: were all of them claimed at once, another replica
     * would ask about the last ones too while a slow Entra answers for the first ones.
     */
    void pollDue() {
        for (int i = 0; i < IN_A_ROW; i++) {
            Optional<Claimed> claimed = QuarkusTransaction.requiringNew().call(this::claimNext);
            if (claimed.isEmpty()) {
                return;
            }
            claimed.get().asked().ifPresent(this::poll);
        }
    }

    private Optional<Claimed> claimNext() {
        Instant now = clock.instant();
        return logins.nextDue(now).map(login -> new Claimed(claim(login, now)));
    }

    private Optional<Asked> claim(DeviceLogin login, Instant now) {
        if (!now.isBefore(login.expiresAt)) {
            end(login, Outcome.EXPIRED);
            return Optional.empty();
        }
        login.claim(now, CLAIM);
        if (!vault.hasKeyOf(login.sealed)) {
            // Another replica may have its key; else it runs out within minutes.
            return Optional.empty();
        }
        AccountKey key = accounts.findById(login.accountId).key();
        if (!portals.get(key.portal()).entitled().isValid(now)) {
            // Nobody is asked any more: the code runs out at Entra by itself.
            end(login, Outcome.NOTENTITLED);
            return Optional.empty();
        }
        Registration registration = registrations.get(key.portal(), key.registration());
        if (!registration.isComplete()) {
            end(login, Outcome.MISCONFIGURED);
            return Optional.empty();
        }
        return Optional.of(new Asked(
                login.id, key, registrations.app(registration), login.deviceCode(key, vault), login.publicClient));
    }

    private void poll(Asked asked) {
        if (!idTokens.hasKeys(asked.app())) {
            // Without them it cannot be known who has signed in; the code is good until somebody can say that.
            change(asked, login -> login.pollLater(clock.instant()));
            return;
        }
        EntraClient.Polled polled = entra.pollDeviceCode(asked.app(), asked.deviceCode(), asked.publicClient());
        Grant grant = polled.grant();
        if (grant instanceof Grant.Refused refused) {
            change(asked, login -> {
                login.publicClient |= polled.asPublicClient();
                refused(asked, login, refused.error());
            });
            return;
        }
        Grant.Granted granted = (Grant.Granted) grant;
        Identity identity;
        try {
            identity = idTokens.verify(
                    asked.app(), granted.idToken().orElseThrow(() -> new IdTokenRefused("missing")), Optional.empty());
        } catch (IdTokenRefused e) {
            LOG.errorf("Id token refused account=%s reason=%s", asked.key(), e.getMessage());
            change(asked, login -> end(login, Outcome.ENTRAREFUSED));
            return;
        } catch (KeysUnavailable e) {
            change(asked, login -> end(login, Outcome.ENTRAUNAVAILABLE));
            return;
        }
        change(asked, login -> signedIn(login, identity, granted));
    }

    private void signedIn(DeviceLogin login, Identity identity, Grant.Granted granted) {
        SignIn signIn = accountService.signedIn(login.accountId, login.begun, identity);
        if (signIn instanceof SignIn.Accepted accepted) {
            tokens.begin(accepted.key(), accepted.accountId(), accepted.generation(), granted);
            login.finish(Outcome.SIGNEDIN);
        } else {
            end(login, Outcome.of(signIn));
        }
    }

    private void refused(Asked asked, DeviceLogin login, EntraError error) {
        Instant now = clock.instant();
        switch (error.error()) {
            case "authorization_pending" -> login.pollLater(now);
            case "slow_down" -> login.slowDown(now);
            case "authorization_declined", "access_denied" -> end(login, Outcome.CANCELLED);
            case "expired_token", "bad_verification_code", "code_expired" -> end(login, Outcome.EXPIRED);
            default -> {
                if (error.failure().retryable()) {
                    login.pollLater(now);
                } else {
                    LOG.warnf("Device login refused account=%s code=%s", asked.key(), error.code());
                    Outcome outcome = LoginFlow.outcomeOf(error);
                    // A policy that refuses here mostly means device codes: a link does without.
                    end(login, outcome == Outcome.POLICYBLOCKED ? Outcome.DEVICECODEBLOCKED : outcome);
                }
            }
        }
    }

    private void end(DeviceLogin login, Outcome outcome) {
        login.finish(outcome);
        AccountKey key = accounts.findById(login.accountId).key();
        events.tell(
                key,
                LoginFailed.TYPE,
                "login-failed/" + login.id,
                new LoginFailed(
                        key.account().portalUser(),
                        key.registration(),
                        key.account().name(),
                        outcome.slug()));
    }

    /** In a transaction, if the login is still being waited for. */
    private void change(Asked asked, java.util.function.Consumer<DeviceLogin> change) {
        QuarkusTransaction.requiringNew()
                .run(() -> logins.findByIdOptional(asked.loginId(), jakarta.persistence.LockModeType.PESSIMISTIC_WRITE)
                        .filter(login -> login.state == DeviceLogin.State.PENDING)
                        .ifPresent(change));
    }

    private static ProblemException problem(AccountName account, EntraError error) {
        return error.failure().retryable()
                ? new ProblemException(AuthProblem.ENTRA_UNAVAILABLE, account).withHeader("Retry-After", "5")
                : new ProblemException(AuthProblem.DEVICE_CODE_REFUSED, account, error.code());
    }
}
