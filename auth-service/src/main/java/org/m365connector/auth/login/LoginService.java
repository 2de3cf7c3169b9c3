package org.m365connector.auth.login;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.m365connector.auth.RecordVersions;
import org.m365connector.auth.Secrets;
import org.m365connector.auth.account.Account;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.AccountService;
import org.m365connector.auth.account.Accounts;
import org.m365connector.auth.account.LoginEvents;
import org.m365connector.auth.account.SignIn;
import org.m365connector.auth.entra.ClientClaims;
import org.m365connector.auth.entra.EntraApp;
import org.m365connector.auth.entra.EntraSettings;
import org.m365connector.auth.entra.Grant;
import org.m365connector.auth.entra.Identity;
import org.m365connector.auth.portal.Portal;
import org.m365connector.auth.portal.Portals;
import org.m365connector.auth.registration.LoginUrls;
import org.m365connector.auth.registration.Registration;
import org.m365connector.auth.registration.Registrations;
import org.m365connector.auth.token.TokenStore;
import org.m365connector.auth.vault.Vault;
import org.m365connector.events.AccountState;
import org.m365connector.events.AccountType;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.LoginFailed;
import org.m365connector.events.LoginMode;
import org.m365connector.events.PortalUser;

/** The steps of a browser login that change something, each a transaction. Entra is asked between them, never within. */
@ApplicationScoped
class LoginService {

    private static final int AT_ONCE = 100;

    private final Tickets tickets;
    private final Attempts attempts;
    private final Accounts accounts;
    private final AccountService accountService;
    private final Registrations registrations;
    private final Portals portals;
    private final TokenStore tokens;
    private final LoginEvents events;
    private final LoginUrls urls;
    private final RecordVersions versions;
    private final LoginSettings settings;
    private final EntraSettings entraSettings;
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
            RecordVersions versions,
            LoginSettings settings,
            EntraSettings entraSettings,
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
        this.versions = versions;
        this.settings = settings;
        this.entraSettings = entraSettings;
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

    /** Opens a link: straight to Entra, or first a page that does not use it up. */
    @Transactional
    Step begin(String ticketValue) {
        Ticket ticket = tickets.lookUpLocked(ticketValue).orElse(null);
        Optional<Outcome> useless = useless(ticket);
        if (useless.isPresent()) {
            return new Step.Finished(resultOf(ticket, useless.get()));
        }
        return ticket.startPage ? new Step.AskFirst(startPage(ticket)) : use(ticket);
    }

    /** The button of a link's start page. */
    @Transactional
    Step start(String ticketValue) {
        Ticket ticket = tickets.lookUpLocked(ticketValue).orElse(null);
        return useless(ticket)
                .<Step>map(outcome -> new Step.Finished(resultOf(ticket, outcome)))
                .orElseGet(() -> use(ticket));
    }

    /**
     * Tries once more what has failed, in the same browser and soon after, without a new link.
     *
     * @param browser value of the failed attempt's cookie in the browser that came
     */
    @Transactional
    Step again(String state, Optional<String> browser) {
        Optional<Attempt> found = attempts.lookUpLocked(state);
        if (found.isEmpty()) {
            return new Step.Finished(LoginResult.of(Outcome.ATTEMPTUNKNOWN));
        }
        Attempt failed = found.get();
        if (!isSameBrowser(failed, browser)) {
            return new Step.Finished(LoginResult.of(Outcome.OTHERBROWSER));
        }
        boolean may = failed.stage == Attempt.Stage.FAILED
                && failed.finishedAt != null
                && failed.outcome.mayTryAgain()
                && clock.instant().isBefore(failed.finishedAt.plus(settings.attemptLife()));
        if (!may) {
            return new Step.Finished(LoginResult.of(Outcome.ATTEMPTEXPIRED));
        }
        if (!isEntitled(failed.accountId)) {
            return new Step.Finished(LoginResult.of(Outcome.NOTENTITLED));
        }
        failed.stage = Attempt.Stage.REPLACED;
        Prompt prompt = failed.outcome.isOtherAccount() ? Prompt.CHOICE : Prompt.AS_NEEDED;
        Account account = accounts.findById(failed.accountId);
        return toEntra(
                account,
                prompt,
                // Another account may be of the other kind.
                scopes(account, prompt == Prompt.CHOICE ? Optional.empty() : Optional.of(failed)),
                versions.next(),
                failed.display,
                failed.returnUrl,
                Optional.ofNullable(failed.claims));
    }

    private Optional<Outcome> useless(Ticket ticket) {
        if (ticket == null) {
            return Optional.of(Outcome.TICKETUNKNOWN);
        }
        if (ticket.usedAt != null) {
            return Optional.of(Outcome.TICKETUSED);
        }
        if (!clock.instant().isBefore(ticket.expiresAt)) {
            return Optional.of(Outcome.TICKETEXPIRED);
        }
        return isEntitled(ticket.accountId) ? Optional.empty() : Optional.of(Outcome.NOTENTITLED);
    }

    /** A link that is refused for that stays as it is: once the portal is entitled again, it is good. */
    private boolean isEntitled(long accountId) {
        AccountKey key = accounts.findById(accountId).key();
        return portals.get(key.portal()).entitled().isValid(clock.instant());
    }

    private StartPage startPage(Ticket ticket) {
        Account account = accounts.findById(ticket.accountId);
        AccountKey key = account.key();
        Portal portal = portals.get(key.portal());
        Registration registration = registrations.get(key.portal(), key.registration());
        return new StartPage(
                portal.name(),
                portal.origins().stream().findFirst(),
                key.registration().value(),
                key.account().name().value(),
                key.account().loginMode(),
                account.expectedName(),
                registrations.app(registration).authorizeEndpoint().getHost(),
                ticket.expiresAt);
    }

    private Step use(Ticket ticket) {
        ticket.usedAt = clock.instant();
        Account account = accounts.findById(ticket.accountId);
        return toEntra(
                account,
                Prompt.NOTHING,
                scopes(account, Optional.empty()),
                versions.next(),
                ticket.display,
                ticket.returnUrl,
                Optional.empty());
    }

    private static boolean isSameBrowser(Attempt attempt, Optional<String> browser) {
        return browser.map(Secrets::hash)
                .filter(hash -> Secrets.same(hash, attempt.browserHash))
                .isPresent();
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
        if (!isSameBrowser(attempt, browser)) {
            // The attempt stays open: its own browser may still come back.
            return new Claim.Over(LoginResult.of(Outcome.OTHERBROWSER));
        }
        return switch (attempt.stage) {
            case OPEN -> take(attempt, state);
            case REDEEMING ->
                // Whoever took it may have died before or after Entra answered: Entra knows.
                attempt.isLeftBehind(clock.instant(), entraSettings.timeout().multipliedBy(2))
                        ? take(attempt, state)
                        : new Claim.Over(LoginResult.of(Outcome.INPROGRESS));
            case REPLACED -> new Claim.Over(LoginResult.of(Outcome.ATTEMPTEXPIRED));
            case DONE, FAILED -> new Claim.Over(resultOf(attempt, Optional.of(state)));
        };
    }

    private Claim take(Attempt attempt, String state) {
        if (!clock.instant().isBefore(attempt.expiresAt) || !vault.hasKeyOf(attempt.verifier)) {
            return new Claim.Over(LoginResult.of(Outcome.ATTEMPTEXPIRED));
        }
        AccountKey key = accounts.findById(attempt.accountId).key();
        if (!isEntitled(attempt.accountId)) {
            attempt.finish(Outcome.NOTENTITLED, Optional.empty(), clock.instant());
            tellFailure(key, attempt);
            return new Claim.Over(resultOf(attempt, Optional.empty()));
        }
        attempt.take(clock.instant());
        Registration registration = registrations.get(key.portal(), key.registration());
        return new Claim.Taken(new Claimed(
                state,
                attempt.silent,
                key,
                registrations.app(registration),
                attempt.scopes == null ? registration.scopes() : attempt.scopes,
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
        return goOn(accounts.findById(silent.accountId), Prompt.AS_NEEDED, silent);
    }

    /**
     * Tries as a personal account what Entra has refused to give: such an account lacks what only a work account can have, and
     * which of them somebody has is known only when he has signed in.
     *
     * @return empty where that would ask for the same
     */
    @Transactional
    Optional<Step> asPersonal(Claimed claimed) {
        Optional<Attempt> found = attempts.lookUpLocked(claimed.state());
        if (found.isEmpty() || found.get().stage != Attempt.Stage.REDEEMING) {
            return Optional.empty();
        }
        Attempt refused = found.get();
        Account account = accounts.findById(refused.accountId);
        AccountKey key = account.key();
        Registration registration = registrations.get(key.portal(), key.registration());
        boolean maybePersonal = registration.accountTypes() == AccountTypes.BOTH
                && key.account().loginMode() == LoginMode.BROWSER
                && account.type().isEmpty();
        String scopes = registration.scopes(AccountType.PERSONAL);
        if (!maybePersonal || claimed.scopes().equals(scopes)) {
            return Optional.empty();
        }
        refused.stage = Attempt.Stage.REPLACED;
        return Optional.of(toEntra(
                account,
                refused.silent ? Prompt.NOTHING : Prompt.AS_NEEDED,
                scopes,
                refused.begun,
                refused.display,
                refused.returnUrl,
                Optional.ofNullable(refused.claims)));
    }

    /** Ends what nobody came back to: a window was closed. Its portal is told, unless there was another attempt since. */
    @Transactional
    void endAbandoned() {
        for (Attempt attempt : attempts.abandoned(clock.instant(), AT_ONCE)) {
            attempt.abandon();
            if (attempts.isLast(attempt)) {
                tellFailure(accounts.findById(attempt.accountId).key(), attempt);
            }
        }
    }

    @Transactional
    LoginResult failed(Claimed claimed, Outcome outcome, Optional<String> code, Optional<String> claims) {
        Optional<Attempt> found = attempts.lookUpLocked(claimed.state());
        if (found.isEmpty()) {
            return LoginResult.of(Outcome.ACCOUNTGONE);
        }
        Attempt attempt = found.get();
        if (attempt.stage == Attempt.Stage.REDEEMING) {
            attempt.finish(outcome, code, clock.instant());
            attempt.claims = claims.orElse(null);
            tellFailure(claimed.key(), attempt);
        }
        return resultOf(attempt, Optional.of(claimed.state()));
    }

    /** Keeps who signed in and his tokens, if it is the right one. */
    @Transactional
    LoginResult signedIn(Claimed claimed, Identity identity, Grant.Granted granted) {
        Optional<Attempt> found = attempts.lookUpLocked(claimed.state());
        if (found.isEmpty()) {
            return LoginResult.of(Outcome.ACCOUNTGONE);
        }
        Attempt attempt = found.get();
        if (attempt.stage != Attempt.Stage.REDEEMING) {
            return resultOf(attempt, Optional.of(claimed.state()));
        }
        SignIn signIn = accountService.signedIn(attempt.accountId, attempt.begun, identity);
        if (signIn instanceof SignIn.Accepted accepted) {
            tickets.endShared(accepted.accountId(), clock.instant());
            tokens.begin(accepted.key(), accepted.accountId(), accepted.generation(), granted);
            attempt.actualName = identity.preferredUsername();
            attempt.finish(Outcome.SIGNEDIN, Optional.empty(), clock.instant());
            return resultOf(attempt, Optional.empty());
        }
        if (signIn instanceof SignIn.WrongPerson wrong) {
            attempt.expectedName = wrong.expected();
            attempt.actualName = wrong.actual();
        }
        attempt.finish(Outcome.of(signIn), Optional.empty(), clock.instant());
        tellFailure(claimed.key(), attempt);
        return resultOf(attempt, Optional.of(claimed.state()));
    }

    private void tellFailure(AccountKey key, Attempt attempt) {
        tellFailure(key, attempt.stateHash.substring(0, 16), attempt.outcome);
    }

    private void tellFailure(AccountKey key, String id, Outcome outcome) {
        events.tell(
                key,
                LoginFailed.TYPE,
                "login-failed/" + id,
                new LoginFailed(
                        key.account().portalUser(),
                        key.registration(),
                        key.account().name(),
                        outcome.slug()));
    }

    /** Part of the login that {@code before} has begun: whoever signs out meanwhile ends both. */
    private Step goOn(Account account, Prompt prompt, Attempt before) {
        return toEntra(
                account,
                prompt,
                scopes(account, Optional.of(before)),
                before.begun,
                before.display,
                before.returnUrl,
                Optional.ofNullable(before.claims));
    }

    /** Of the kind of account that it is known to be, or that the attempt before has taken it for. */
    private String scopes(Account account, Optional<Attempt> before) {
        AccountKey key = account.key();
        Registration registration = registrations.get(key.portal(), key.registration());
        String personal = registration.scopes(AccountType.PERSONAL);
        return account.type()
                .map(registration::scopes)
                .or(() -> before.map(attempt -> attempt.scopes).filter(personal::equals))
                .orElseGet(registration::scopes);
    }

    private Step toEntra(
            Account account,
            Prompt prompt,
            String scopes,
            long begun,
            Display display,
            String returnUrl,
            Optional<String> claims) {
        AccountKey key = account.key();
        Registration registration = registrations.get(key.portal(), key.registration());
        AttemptSecrets secrets = AttemptSecrets.make();
        attempts.persist(Attempt.of(
                key,
                account.id(),
                secrets,
                prompt == Prompt.NOTHING,
                scopes,
                begun,
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
        query.put("scope", scopes);
        query.put("state", secrets.state());
        query.put("nonce", secrets.nonce());
        query.put("code_challenge", secrets.challenge());
        query.put("code_challenge_method", "S256");
        if (prompt != Prompt.CHOICE) {
            account.expectedName().ifPresent(name -> query.put("login_hint", name));
        }
        ClientClaims.of(entraSettings.cp1(), claims.or(account::claims)).ifPresent(value -> query.put("claims", value));
        prompt.value().ifPresent(value -> query.put("prompt", value));
        String encoded = query.entrySet().stream()
                .map(part -> part.getKey() + "=" + URLEncoder.encode(part.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return new Step.ToEntra(
                URI.create(app.authorizeEndpoint() + "?" + encoded),
                AttemptSecrets.cookieName(secrets.state()),
                secrets.browser());
    }

    /**
     * Of a link that is of no use. Its portal is told why, once; but not where somebody has signed in meanwhile, or is about to,
     * and only goes back to a page that he has seen.
     */
    private LoginResult resultOf(Ticket ticket, Outcome outcome) {
        if (ticket == null) {
            return LoginResult.of(outcome);
        }
        Account account = accounts.findById(ticket.accountId);
        if (account.state() == AccountState.READY || attempts.isUnderWay(account.id(), clock.instant())) {
            return LoginResult.of(outcome);
        }
        if (!outcome.slug().equals(ticket.toldUseless)) {
            ticket.toldUseless = outcome.slug();
            tellFailure(account.key(), "ticket/" + ticket.hash.substring(0, 16) + "/" + outcome.slug(), outcome);
        }
        return LoginResult.of(outcome).withVisit(visit(account, ticket.returnUrl, ticket.display));
    }

    /** @param state of the attempt, where the browser that is shown the result may try again */
    private LoginResult resultOf(Attempt attempt, Optional<String> state) {
        Account account = accounts.findById(attempt.accountId);
        return new LoginResult(
                attempt.outcome,
                Optional.ofNullable(attempt.expectedName).or(account::expectedName),
                Optional.ofNullable(attempt.actualName),
                Optional.ofNullable(attempt.code),
                Optional.empty(),
                state.filter(value -> attempt.finishedAt != null && attempt.outcome.mayTryAgain()),
                List.of(),
                List.of(),
                Optional.of(visit(account, attempt.returnUrl, attempt.display)));
    }

    private Visit visit(Account account, String returnUrl, Display display) {
        AccountKey key = account.key();
        Portal portal = portals.get(key.portal());
        return new Visit(
                portal.name(),
                portal.origins(),
                key.registration().value(),
                key.account().name().value(),
                key.account().portalUser().map(PortalUser::value),
                // The origins may have changed since the ticket was made.
                Optional.ofNullable(returnUrl).filter(portal::mayReturnTo),
                display == Display.REDIRECT,
                account.isPinned() ? Optional.of(pinCall(key)) : Optional.empty());
    }

    private static String pinCall(AccountKey key) {
        String registration = "DELETE /api/portals/" + key.portal() + "/registrations/" + key.registration();
        return key.account()
                .portalUser()
                .map(user -> registration + "/logins/" + user + "/pin")
                .orElseGet(() -> registration + "/accounts/" + key.account().name() + "/pin");
    }
}
