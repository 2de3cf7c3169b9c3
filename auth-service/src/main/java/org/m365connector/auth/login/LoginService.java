package org.m365connector.auth.login;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.m365connector.auth.Secrets;
import org.m365connector.auth.account.Account;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.AccountService;
import org.m365connector.auth.account.Accounts;
import org.m365connector.auth.account.LoginEvents;
import org.m365connector.auth.account.SignIn;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.entra.Identity;
import org.m365connector.auth.portal.Portal;
import org.m365connector.auth.portal.Portals;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.token.TokenStore;
import org.m365connector.auth.vault.Vault;
import org.m365connector.events.LoginFailed;
import org.m365connector.events.PortalUser;

/** The steps of a browser login that change something, each a transaction. Entra is asked between them, never within. */
@ApplicationScoped
class LoginService {

    private final Tickets tickets;
    private final Attempts attempts;
    private final Accounts accounts;
    private final AccountService accountService;
    private final Registrations registrations;
    private final Portals portals;
    private final TokenStore tokens;
    private final LoginEvents events;
    private final LoginUrls urls;
    private final LoginSettings settings;
    private final Vault vault;
    private final Clock clock;

    LoginService(
            Tickets tickets,
            Attempts attempts,
            Accounts accounts,
            AccountService accountService,
            Registrations registrations,
            Portals portals,
            TokenStore tokens,
            LoginEvents events,
            LoginUrls urls,
            LoginSettings settings,
            Vault vault,
            Clock clock) {
        this.tickets = tickets;
        this.attempts = attempts;
        this.accounts = accounts;
        this.accountService = accountService;
        this.registrations = registrations;
        this.portals = portals;
        this.tokens = tokens;
        this.events = events;
        this.urls = urls;
        this.settings = settings;
        this.vault = vault;
        this.clock = clock;
    }

    /** What a callback needs after it has been taken for good: nobody else can take it again. */
    record Claimed(
            String state, boolean silent, AccountKey key, EntraApp app, String scopes, String verifier, String nonce) {

        @Override
        public String toString() {
            return "Claimed[key=" + key + "]";
        }
    }

    /** A callback is taken, or it is over. */
    sealed interface Claim {
        record Taken(Claimed claimed) implements Claim {}

        record Over(LoginResult result) implements Claim {}
    }

    /** Uses up a ticket, and sends the browser to Entra: first without showing anything. */
    @Transactional
    Step begin(String ticketValue) {
        Optional<Ticket> found = tickets.lookUpLocked(ticketValue);
        if (found.isEmpty()) {
            return new Step.Finished(LoginResult.of(Outcome.TICKETUNKNOWN));
        }
        Ticket ticket = found.get();
        Instant now = clock.instant();
        if (ticket.usedAt != null) {
            return new Step.Finished(LoginResult.of(Outcome.TICKETUSED));
        }
        if (!now.isBefore(ticket.expiresAt)) {
            return new Step.Finished(LoginResult.of(Outcome.TICKETEXPIRED));
        }
        ticket.usedAt = now;
        return toEntra(accounts.findById(ticket.accountId), true, ticket.display, ticket.returnUrl);
    }

    /**
     * Takes a callback, once.
     *
     * @param browser value of the attempt's cookie in the browser that came
     */
    @Transactional
    Claim claim(String state, Optional<String> browser) {
        Optional<Attempt> found = attempts.lookUpLocked(state);
        if (found.isEmpty()) {
            return new Claim.Over(LoginResult.of(Outcome.ATTEMPTUNKNOWN));
        }
        Attempt attempt = found.get();
        boolean sameBrowser = browser.map(Secrets::hash)
                .filter(hash -> Secrets.same(hash, attempt.browserHash))
                .isPresent();
        if (!sameBrowser) {
            // The attempt stays open: its own browser may still come back.
            return new Claim.Over(LoginResult.of(Outcome.OTHERBROWSER));
        }
        return switch (attempt.stage) {
            case OPEN -> take(attempt, state);
            case REDEEMING -> new Claim.Over(LoginResult.of(Outcome.INPROGRESS));
            case REPLACED -> new Claim.Over(LoginResult.of(Outcome.ATTEMPTEXPIRED));
            case DONE, FAILED -> new Claim.Over(resultOf(attempt));
        };
    }

    private Claim take(Attempt attempt, String state) {
        if (!clock.instant().isBefore(attempt.expiresAt)) {
            return new Claim.Over(LoginResult.of(Outcome.ATTEMPTEXPIRED));
        }
        attempt.stage = Attempt.Stage.REDEEMING;
        AccountKey key = accounts.findById(attempt.accountId).key();
        Registration registration = registrations.get(key.portal(), key.registration());
        return new Claim.Taken(new Claimed(
                state,
                attempt.silent,
                key,
                registrations.app(registration),
                registration.scopes(),
                attempt.verifier(key, vault),
                attempt.nonce(key, vault)));
    }

    /** Nobody could be signed in without being asked: now with Entra's pages, and with everything random made anew. */
    @Transactional
    Step visibly(Claimed claimed) {
        Optional<Attempt> found = attempts.lookUpLocked(claimed.state());
        if (found.isEmpty()) {
            return new Step.Finished(LoginResult.of(Outcome.ACCOUNTGONE));
        }
        Attempt silent = found.get();
        silent.stage = Attempt.Stage.REPLACED;
        return toEntra(accounts.findById(silent.accountId), false, silent.display, silent.returnUrl);
    }

    @Transactional
    LoginResult failed(Claimed claimed, Outcome outcome, Optional<String> code) {
        Optional<Attempt> found = attempts.lookUpLocked(claimed.state());
        if (found.isEmpty()) {
            return LoginResult.of(Outcome.ACCOUNTGONE);
        }
        Attempt attempt = found.get();
        attempt.finish(outcome, code, clock.instant());
        tellFailure(claimed.key(), attempt);
        return resultOf(attempt);
    }

    /** Keeps who signed in and his tokens, if it is the right one. */
    @Transactional
    LoginResult signedIn(Claimed claimed, Identity identity, Grant.Granted granted) {
        Optional<Attempt> found = attempts.lookUpLocked(claimed.state());
        if (found.isEmpty()) {
            return LoginResult.of(Outcome.ACCOUNTGONE);
        }
        Attempt attempt = found.get();
        SignIn signIn = accountService.signedIn(attempt.accountId, identity);
        if (signIn instanceof SignIn.Accepted accepted) {
            tokens.begin(accepted.key(), accepted.accountId(), accepted.generation(), granted);
            attempt.actualName = identity.preferredUsername();
            attempt.finish(Outcome.SIGNEDIN, Optional.empty(), clock.instant());
            return resultOf(attempt);
        }
        if (signIn instanceof SignIn.WrongPerson wrong) {
            attempt.expectedName = wrong.expected();
            attempt.actualName = wrong.actual();
            attempt.finish(Outcome.WRONGPERSON, Optional.empty(), clock.instant());
        } else {
            attempt.finish(Outcome.ACCOUNTGONE, Optional.empty(), clock.instant());
        }
        tellFailure(claimed.key(), attempt);
        return resultOf(attempt);
    }

    private void tellFailure(AccountKey key, Attempt attempt) {
        events.tell(
                key,
                LoginFailed.TYPE,
                "login-failed/" + attempt.stateHash.substring(0, 16),
                new LoginFailed(
                        key.account().portalUser(),
                        key.registration(),
                        key.account().name(),
                        attempt.outcome.slug()));
    }

    private Step toEntra(Account account, boolean silent, Display display, String returnUrl) {
        AccountKey key = account.key();
        Registration registration = registrations.get(key.portal(), key.registration());
        AttemptSecrets secrets = AttemptSecrets.make();
        attempts.persist(Attempt.of(
                key,
                account.id(),
                secrets,
                silent,
                display,
                returnUrl,
                vault,
                clock.instant(),
                settings.attemptLife()));
        EntraApp app = registrations.app(registration);
        Map<String, String> query = new LinkedHashMap<>();
        query.put("client_id", app.clientId());
        query.put("response_type", "code");
        query.put("redirect_uri", urls.callback().toString());
        query.put("response_mode", "query");
        query.put("scope", registration.scopes());
        query.put("state", secrets.state());
        query.put("nonce", secrets.nonce());
        query.put("code_challenge", secrets.challenge());
        query.put("code_challenge_method", "S256");
        account.expectedName().ifPresent(name -> query.put("login_hint", name));
        account.claims().ifPresent(claims -> query.put("claims", claims));
        if (silent) {
            query.put("prompt", "none");
        }
        String encoded = query.entrySet().stream()
                .map(part -> part.getKey() + "=" + URLEncoder.encode(part.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return new Step.ToEntra(
                URI.create(app.authorizeEndpoint() + "?" + encoded),
                AttemptSecrets.cookieName(secrets.state()),
                secrets.browser());
    }

    private LoginResult resultOf(Attempt attempt) {
        Account account = accounts.findById(attempt.accountId);
        AccountKey key = account.key();
        Portal portal = portals.get(key.portal());
        List<String> origins = portal.origins();
        return new LoginResult(
                attempt.outcome,
                Optional.ofNullable(attempt.expectedName).or(account::expectedName),
                Optional.ofNullable(attempt.actualName),
                Optional.ofNullable(attempt.code),
                // The origins may have changed since the ticket was made.
                Optional.ofNullable(attempt.returnUrl).filter(portal::mayReturnTo),
                attempt.display == Display.REDIRECT,
                origins,
                Optional.of(key.registration().value()),
                key.account().portalUser().map(PortalUser::value));
    }
}
